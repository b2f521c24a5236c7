import { listeners } from '../../src-node/listeners.ts';
import { within } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Hex } from '../../src-shared/units.ts';
import { watchAgreement } from './agreement.ts';
import { callIndexes } from './calls/extrinsic.ts';
import type { Network, NetworkEvents } from './client.ts';
import { ROOT } from './expected-subnet.ts';
import { blockHash, follow, type Looks } from './follow.ts';
import { mayMove } from './known.ts';
import { READ_LIMIT_MS } from './limits.ts';
import { openLink } from './link.ts';
import { moneyChain } from './money-chain.ts';
import { Nonces } from './nonces.ts';
import { readBlockTime } from './reads/block.ts';
import { readPortfolio } from './reads/portfolio.ts';
import { readPricedSubnets } from './reads/priced-subnets.ts';
import { readSubnet, readSubnetNames } from './reads/subnet.ts';
import { readShareWorths, readValidators } from './reads/validators.ts';
import { createSubmit } from './submit.ts';
import { subnetChain } from './subnet-chain.ts';

export interface NetworkOptions {
  /** ws:// or wss:// addresses, tried in this order and in turn. */
  readonly endpoints: readonly string[];
  /** Each call that was made, and what became of it. */
  log(line: string): void;
  /** Ends the client, not only the connecting. */
  readonly signal: AbortSignal;
  /** Of the network, where it is known beforehand; else the first endpoint that answers tells it. */
  readonly genesisHash?: Hex | null;
  /** By what silence is looked for; the machine's own clock where none is given. */
  readonly looks?: Looks;
}

/** @throws {AppError} CHAIN_UNREACHABLE when no endpoint came up, CANCELLED on abort. */
export async function openNetwork({
  endpoints,
  genesisHash,
  log,
  signal,
  looks,
}: NetworkOptions): Promise<Network> {
  const link = await openLink(endpoints, signal, genesisHash ?? null);
  const events = listeners<NetworkEvents>();
  const nonces = new Nonces();
  const follower = follow(
    link,
    {
      head: (block) => events.emit('head', block),
      finalized: (block) => events.emit('finalized', block),
      silence: (sinceMs) => events.emit('silence', sinceMs),
    },
    signal,
    looks,
  );
  const unlink = link.onSession((session) => events.emit('connection', session !== null));
  const ending = new AbortController();
  const stop = async () => {
    ending.abort();
    unlink();
    follower.stop();
    await link.stop();
  };
  try {
    await within(follower.started, 'the first block', READ_LIMIT_MS, signal);
  } catch (error) {
    await stop();
    throw error;
  }
  void watchAgreement({
    link,
    follower,
    hold: link.hold,
    signal: AbortSignal.any([signal, ending.signal]),
  });
  const network: Network = {
    get endpoint() {
      return link.endpoint;
    },
    get endpoints() {
      return link.endpoints.health;
    },
    genesisHash: link.genesisHash,
    get head() {
      return follower.head;
    },
    get finalized() {
      return follower.finalized;
    },
    get connected() {
      return link.session !== null;
    },
    get silentSinceMs() {
      return follower.silentSinceMs;
    },
    on: events.on,
    callIndexes: () => (link.session ? callIndexes(link.session) : new Map()),
    identity: (wait) =>
      link.read(
        async ({ api, specVersion }) => ({ name: api.runtimeChain.toString().slice(0, 64), specVersion }),
        wait,
      ),
    blockTimeMs: (at, wait) => link.read((session) => readBlockTime(session, at, wait), wait),
    subnetName: (netuid, wait) =>
      link.read(async (session) => {
        const { isThere, name, ownerColdkey } = await readSubnet(session, netuid, null, wait);
        return isThere ? { name: name ?? '', ownerColdkey } : null;
      }, wait),
    portfolio: (coldkey, expected, at, wait) =>
      link.read((session) => readPortfolio(session, coldkey, expected, at, wait), wait),
    allSubnets: (at, wait) => link.read((session) => readPricedSubnets(session, at, wait), wait),
    subnetNames: (netuids, at, wait) =>
      link.read((session) => readSubnetNames(session, netuids, at, wait), wait),
    blockHash: (block, wait) => link.read((session) => blockHash(session, block, wait), wait),
    validators: (netuid, also, at, wait) =>
      link.read((session) => readValidators(session, netuid, also, at, wait), wait),
    shareWorths: (netuid, hotkeys, block, wait) =>
      link.read((session) => readShareWorths(session, netuid, hotkeys, block, wait), wait),
    subnet: (netuid, expected, wait) =>
      subnetChain(
        { network, link, follower, netuid, expected, nonces, log, life: AbortSignal.any([signal, wait]) },
        wait,
      ),
    submit: (netuid, call, signer, wait, options) =>
      createSubmit({
        ...{ link, netuid, follower, nonces, log },
        async guard({ money, signer: by }) {
          mayMove(money, link.genesisHash, by);
          if (money === 'in' && netuid !== ROOT)
            throw new AppError('SUBNET_UNPROVED', { netuid, chain: link.endpoint });
        },
      })(call, signer, wait, options),
    money: moneyChain({ link, follower, nonces, log }),
    stop,
  };
  return network;
}
