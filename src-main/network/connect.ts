import { within } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Hex, Rao, Ss58 } from '../../src-shared/units.ts';
import { type CallName, callIndexes } from './calls.ts';
import type { BlockRef, Chain } from './chain.ts';
import { blockHash, follow } from './follow.ts';
import { READ_LIMIT_MS } from './limits.ts';
import { openLink } from './link.ts';
import { readAlphaPrice, readBalance, readStake } from './reads/accounts.ts';
import { readBlockTime, readUid } from './reads/block.ts';
import { type CommitmentSpace, readCommitmentSpace, readCommitments } from './reads/commitments.ts';
import { readIncentives } from './reads/events.ts';
import { readMetagraph } from './reads/metagraph.ts';
import { readLastEpochBlock, readSubnet } from './reads/subnet.ts';
import type { Session } from './session.ts';
import { hexText, parse } from './storage.ts';
import { createSubmit } from './submit.ts';

export interface ConnectOptions {
  /** ws:// or wss:// addresses, tried in this order and in turn. */
  readonly endpoints: readonly string[];
  readonly netuid: number;
  /** Ends the chain client, not only the connecting. */
  readonly signal: AbortSignal;
  /** What the subnet must be for this client to start and to spend; null in a field accepts anything there. */
  readonly expected?: { readonly name: string | null; readonly ownerColdkey: Ss58 | null };
}

/** What the client can do beyond the interface that most of the host uses. */
export interface ConnectedChain extends Chain {
  /** First two bytes of every call this runtime has, for the vault's allow-list; empty while not connected. */
  callIndexes(): ReadonlyMap<CallName, Hex>;
  /** Unix milliseconds of a block by its own statement; null where the runtime keeps no time. */
  blockTimeMs(at: Hex, signal: AbortSignal): Promise<number | null>;
  /** The hotkey's uid in the state of that block; null when it was not registered. */
  uidOf(hotkey: Ss58, at: Hex, signal: AbortSignal): Promise<number | null>;
  commitmentSpace(hotkey: Ss58, signal: AbortSignal): Promise<CommitmentSpace>;
  /** Block of the last epoch, or null where the runtime goes by block numbers alone. */
  lastEpochBlock(at: Hex | null, signal: AbortSignal): Promise<number | null>;
}

/**
 * @throws {AppError} CHAIN_UNREACHABLE when no endpoint came up, CHAIN_IDENTITY_MISMATCH when the subnet is not the
 * expected one, CANCELLED on abort.
 */
export async function connectChain(options: ConnectOptions): Promise<ConnectedChain> {
  const { netuid, signal } = options;
  const link = await openLink(options.endpoints, signal);
  const listeners = {
    head: new Set<(block: BlockRef) => void>(),
    finalized: new Set<(block: BlockRef) => void>(),
    connection: new Set<(connected: boolean) => void>(),
  };
  const follower = follow(
    link,
    {
      head: (block) => tell(listeners.head, block),
      finalized: (block) => tell(listeners.finalized, block),
    },
    signal,
  );
  const unlink = link.onSession((session) => tell(listeners.connection, session !== null));

  const beforeSpending = (session: Session, wait: AbortSignal) => checkIdentity(session, options, wait);
  const submit = createSubmit({
    link,
    netuid,
    follower,
    beforeSpending,
  });
  const stop = async () => {
    unlink();
    follower.stop();
    await link.stop();
  };
  /** Runs a read at a block; null is the newest finalized one. */
  const readAt = <T>(at: Hex | null, wait: AbortSignal, work: (session: Session, at: Hex) => Promise<T>) =>
    link.read(async (session) => work(session, at ?? (await finalizedHash(session, wait))), wait);
  const finalizedHash = async (session: Session, wait: AbortSignal): Promise<Hex> =>
    follower.finalized?.hash ??
    (parse(hexText, await session.socket.request('chain_getFinalizedHead', [], wait)).slice(2) as Hex);

  try {
    await link.read((session) => beforeSpending(session, signal), signal);
    await within(follower.started, 'the first block', READ_LIMIT_MS, signal);
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    get endpoint() {
      return link.endpoint;
    },
    genesisHash: link.genesisHash,
    netuid,
    get head() {
      return follower.head;
    },
    get finalized() {
      return follower.finalized;
    },
    get connected() {
      return link.session !== null;
    },
    on(event: keyof typeof listeners, listener: never) {
      const set: Set<unknown> = listeners[event];
      set.add(listener);
      return () => void set.delete(listener);
    },
    blockHash: (block, wait) => link.read((session) => blockHash(session, block, wait), wait),
    subnet: (at, wait) => readAt(at, wait, (session, hash) => readSubnet(session, netuid, hash, wait)),
    metagraph: (at, wait) => readAt(at, wait, (session, hash) => readMetagraph(session, netuid, hash, wait)),
    commitments: (hotkeys, at, wait) =>
      readAt(at, wait, (session, hash) => readCommitments(session, netuid, hotkeys, hash, wait)),
    balance: (account, wait) => link.read((session) => readBalance(session, account, wait), wait),
    stake: (hotkey, coldkey, at, wait) =>
      readAt(at, wait, (session, hash) => readStake(session, netuid, { hotkey, coldkey }, hash, wait)),
    alphaPrice: (wait, at): Promise<Rao | null> =>
      link.read((session) => readAlphaPrice(session, netuid, at ?? null, wait), wait),
    incentivesPaid: (at, wait) => link.read((session) => readIncentives(session, netuid, at, wait), wait),
    blockTimeMs: (at, wait) => link.read((session) => readBlockTime(session, at, wait), wait),
    uidOf: (hotkey, at, wait) => link.read((session) => readUid(session, netuid, hotkey, at, wait), wait),
    lastEpochBlock: (at, wait) =>
      readAt(at, wait, (session, hash) => readLastEpochBlock(session, netuid, hash, wait)),
    commitmentSpace: (hotkey, wait) =>
      readAt(null, wait, (session, hash) => readCommitmentSpace(session, netuid, hotkey, hash, wait)),
    callIndexes: () => (link.session ? callIndexes(link.session) : new Map()),
    submit,
    stop,
  };
}

/** Netuids change hands: a subnet of another name or owner is another project, whatever its number. */
async function checkIdentity(
  session: Session,
  { netuid, expected }: ConnectOptions,
  signal: AbortSignal,
): Promise<void> {
  if (!expected) return;
  const { name, ownerColdkey } = await readSubnet(session, netuid, null, signal);
  const nameFits = expected.name === null || expected.name === name;
  const ownerFits = expected.ownerColdkey === null || expected.ownerColdkey === ownerColdkey;
  if (nameFits && ownerFits) return;
  throw new AppError('CHAIN_IDENTITY_MISMATCH', {
    netuid,
    expected: (nameFits ? expected.ownerColdkey : expected.name) ?? '',
    found: (nameFits ? ownerColdkey : name) ?? '',
  });
}

/** A listener's fault is its own: it must neither stop the others nor cost the connection. */
function tell<T>(listeners: ReadonlySet<(value: T) => void>, value: T): void {
  for (const listener of listeners) {
    try {
      listener(value);
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  }
}
