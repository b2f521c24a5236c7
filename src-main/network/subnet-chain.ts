import { listeners } from '../../src-node/listeners.ts';
import { orAbort } from '../../src-node/waits.ts';
import { QUICKNET } from '../../src-shared/chain/timelock.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import type { Hex } from '../../src-shared/units.ts';
import type { BlockRef, ChainEvents, SubnetSnapshot } from './chain.ts';
import type { ConnectedChain, Network } from './client.ts';
import { economyReads } from './economy-reads.ts';
import { type ExpectedSubnet, ROOT } from './expected-subnet.ts';
import { blockHash, type Follower } from './follow.ts';
import { identityFault } from './identity.ts';
import { knownNetwork, mayMove } from './known.ts';
import type { Link } from './link.ts';
import type { Nonces } from './nonces.ts';
import { readAlphaPrice, readBalance, readStake, readStakeQuote } from './reads/accounts.ts';
import { readAxons } from './reads/axons.ts';
import { readBlockTime, readUid } from './reads/block.ts';
import { readCommitTerms } from './reads/commit-reveal.ts';
import { readCommitmentSpace, readCommitments } from './reads/commitments.ts';
import { readIncentives } from './reads/events.ts';
import { readHashTerms } from './reads/hash-terms.ts';
import { readMetagraph } from './reads/metagraph.ts';
import { readStakeEvents } from './reads/stake-events.ts';
import { readLastEpochBlock, readOwner, readSubnet } from './reads/subnet.ts';
import type { Session } from './session.ts';
import { hexText, parse } from './storage.ts';
import { createSubmit } from './submit.ts';
import { watchSubnet } from './watcher.ts';

export interface SubnetChainOptions {
  readonly network: Network;
  readonly link: Link;
  readonly follower: Follower;
  readonly netuid: number;
  readonly expected: ExpectedSubnet | null;
  readonly nonces: Nonces;
  log(line: string): void;
  /** The subnet is watched until then. */
  readonly life: AbortSignal;
}

/** @throws {AppError} SUBNET_ABSENT, CHAIN_IDENTITY_MISMATCH when the subnet is not the expected one. */
export async function subnetChain(options: SubnetChainOptions, signal: AbortSignal): Promise<ConnectedChain> {
  const { network, link, follower, netuid, life } = options;
  const events = listeners<ChainEvents>();
  await link.read((session) => checkIdentity(session, options, signal), signal);
  let foreign: CodedError | null = null;

  const watcher = watchSubnet(
    (block) => link.read((session) => readSnapshot(session, netuid, block, life), life),
    (snapshot) => {
      const fault = identityFault(netuid, snapshot.subnet, options.expected, network.endpoint);
      if (fault?.code !== foreign?.code || fault?.params.found !== foreign?.params.found) {
        foreign = fault;
        events.emit('foreign', fault);
      }
      events.emit('snapshot', snapshot);
    },
  );
  const off = [
    network.on('head', (block) => events.emit('head', block)),
    network.on('finalized', (block) => {
      watcher.onFinalized(block);
      events.emit('finalized', block);
    }),
    network.on('connection', (connected) => events.emit('connection', connected)),
    network.on('silence', (sinceMs) => events.emit('silence', sinceMs)),
  ];
  life.addEventListener('abort', () => off.forEach((unsubscribe) => void unsubscribe()), { once: true });
  if (network.finalized) watcher.onFinalized(network.finalized);

  const finalizedHash = async (session: Session, wait: AbortSignal): Promise<Hex> =>
    follower.finalized?.hash ??
    (parse(hexText, await session.socket.request('chain_getFinalizedHead', [], wait)).slice(2) as Hex);
  /** Runs a read at a block; null is the newest finalized one. */
  const readAt = <T>(at: Hex | null, wait: AbortSignal, work: (session: Session, at: Hex) => Promise<T>) =>
    link.read(async (session) => work(session, at ?? (await finalizedHash(session, wait))), wait);
  /** At the head: a commit that was included a moment ago counts. */
  const atHead = () => {
    const newest = follower.head ?? follower.finalized;
    if (!newest) throw new AppError('CHAIN_UNREACHABLE', { endpoint: network.endpoint });
    return { netuid, hash: newest.hash, block: newest.number };
  };
  /** What the watcher knows of that block, or reads now for all; other blocks are read for the one who asks. */
  const watched = async <T>(
    at: Hex | null,
    wait: AbortSignal,
    pick: (snapshot: SubnetSnapshot) => T,
    read: (session: Session, at: Hex) => Promise<T>,
  ): Promise<T> => {
    wait.throwIfAborted();
    const newest = follower.finalized;
    const shared = at === null || at === newest?.hash ? newest && watcher.at(newest) : watcher.kept(at);
    if (shared) return pick(await orAbort(shared, wait));
    return readAt(at, wait, read);
  };

  return {
    get endpoint() {
      return network.endpoint;
    },
    genesisHash: network.genesisHash,
    netuid,
    get head() {
      return network.head;
    },
    get finalized() {
      return network.finalized;
    },
    get foreign() {
      return foreign;
    },
    get snapshot() {
      return watcher.latest;
    },
    get connected() {
      return network.connected;
    },
    get silentSinceMs() {
      return network.silentSinceMs;
    },
    on: events.on,
    blockHash: (block, wait) => link.read((session) => blockHash(session, block, wait), wait),
    subnet: (at, wait) =>
      watched(
        at,
        wait,
        ({ subnet }) => subnet,
        (session, hash) => readSubnet(session, netuid, hash, wait),
      ),
    metagraph: (at, wait) =>
      watched(
        at,
        wait,
        ({ neurons }) => neurons,
        (session, hash) => readMetagraph(session, netuid, hash, wait),
      ),
    alphaPrice: (at, wait) =>
      watched(
        at,
        wait,
        ({ alphaPriceRao }) => alphaPriceRao,
        (session, hash) => readAlphaPrice(session, netuid, hash, wait),
      ),
    commitments: (hotkeys, at, wait) =>
      readAt(at, wait, (session, hash) => readCommitments(session, netuid, hotkeys, hash, wait)),
    axons: (hotkeys, at, wait) =>
      readAt(at, wait, (session, hash) => readAxons(session, netuid, hotkeys, hash, wait)),
    balance: (account, at, wait) =>
      readAt(at, wait, (session, hash) => readBalance(session, account, hash, wait)),
    stake: (hotkey, coldkey, at, wait) =>
      readAt(at, wait, (session, hash) => readStake(session, netuid, { hotkey, coldkey }, hash, wait)),
    stakeQuote: (amountRao, at, wait) =>
      readAt(at, wait, (session, hash) => readStakeQuote(session, netuid, amountRao, hash, wait)),
    incentivesPaid: (at, wait) => link.read((session) => readIncentives(session, netuid, at, wait), wait),
    stakeEvents: (owner, at, wait) =>
      link.read((session) => readStakeEvents(session, netuid, owner, at, wait), wait),
    blockTimeMs: (at, wait) => link.read((session) => readBlockTime(session, at, wait), wait),
    uidOf: (hotkey, at, wait) => link.read((session) => readUid(session, netuid, hotkey, at, wait), wait),
    owner: (at, wait) => link.read((session) => readOwner(session, netuid, at, wait), wait),
    lastEpochBlock: (at, wait) =>
      readAt(at, wait, (session, hash) => readLastEpochBlock(session, netuid, hash, wait)),
    hashTerms: async (hotkey, wait) => {
      const at = atHead();
      return link.read((session) => readHashTerms(session, at, hotkey, wait), wait);
    },
    commitTerms: async (hotkey, wait) => {
      const at = atHead();
      const terms = await link.read((session) => readCommitTerms(session, at, hotkey, wait), wait);
      if (terms.kind === 'hashed') return terms;
      // A node that names a key of its own would read at once what is hidden, and the chain never could.
      const isOurs = Buffer.from(terms.publicKey).toString('hex') === QUICKNET.publicKey;
      if (knownNetwork(network.genesisHash) && !isOurs)
        throw new AppError('CHAIN_ANSWER_MALFORMED', { what: 'the key of the beacon' });
      return terms;
    },
    commitmentSpace: (hotkey, wait) =>
      readAt(null, wait, (session, hash) => readCommitmentSpace(session, netuid, hotkey, hash, wait)),
    economy: economyReads(link, netuid),
    callIndexes: network.callIndexes,
    submit: createSubmit({
      link,
      netuid,
      follower,
      nonces: options.nonces,
      log: options.log,
      async guard({ money, signer }, session, wait) {
        mayMove(money, network.genesisHash, signer);
        if (money !== 'in' || netuid === ROOT) return;
        // Nobody has said what the subnet should be.
        if (!options.expected?.name && !options.expected?.ownerColdkey)
          throw new AppError('SUBNET_UNPROVED', { netuid, chain: network.endpoint });
        await checkIdentity(session, options, wait);
      },
    }),
  };
}

/** One block, and everything that the host wants to know of it. */
async function readSnapshot(
  session: Session,
  netuid: number,
  block: BlockRef,
  signal: AbortSignal,
): Promise<SubnetSnapshot> {
  const [subnet, neurons, alphaPriceRao] = await Promise.all([
    readSubnet(session, netuid, block.hash, signal),
    readMetagraph(session, netuid, block.hash, signal),
    readAlphaPrice(session, netuid, block.hash, signal),
  ]);
  return { block, subnet, neurons, alphaPriceRao };
}

/** @throws {AppError} SUBNET_ABSENT, CHAIN_IDENTITY_MISMATCH */
async function checkIdentity(
  session: Session,
  { netuid, expected }: Pick<SubnetChainOptions, 'netuid' | 'expected'>,
  signal: AbortSignal,
): Promise<void> {
  const facts = await readSubnet(session, netuid, null, signal);
  const fault = identityFault(netuid, facts, expected, session.endpoint);
  if (fault) throw new AppError(fault.code, fault.params);
}
