import { orAbort } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { ConnectedChain, Network } from './client.ts';
import type { ExpectedSubnet } from './expected-subnet.ts';
import { knownGenesis } from './known.ts';
import { openNetwork } from './network.ts';

/** Where a network answers, as its user named it. */
export interface NetworkAddress {
  readonly name: string;
  readonly endpoints: readonly string[];
}

/** A share of a network's client; the client ends with the last of them. */
export interface NetworkShare {
  readonly network: Network;
  /** @throws {AppError} CHAIN_IDENTITY_MISMATCH, SUBNET_ABSENT */
  subnet(netuid: number, expected: ExpectedSubnet, signal: AbortSignal): Promise<ConnectedChain>;
  release(): Promise<void>;
}

/** One client for each network of the host, however many runs work on it. */
export interface Networks {
  /**
   * @param isGuest it only looks, and gives way to whoever needs that name for other endpoints
   * @throws {AppError} CHAIN_UNREACHABLE, NETWORK_NAME_TAKEN when that name stands for other endpoints now
   */
  open(address: NetworkAddress, signal: AbortSignal, isGuest?: boolean): Promise<NetworkShare>;
  /** Those that are open, by name. */
  readonly all: ReadonlyMap<string, Network>;
  /** Another network is open, or one less. */
  onChange(listener: () => void): () => void;
  stop(): Promise<void>;
}

/** A subnet that is watched for those shares that asked for it, and no longer. */
interface Watched {
  readonly chain: Promise<ConnectedChain>;
  readonly ending: AbortController;
  readonly shares: Set<object>;
}

interface Shared {
  readonly endpoints: string;
  readonly opening: Promise<Network>;
  readonly subnets: Map<string, Watched>;
  readonly ending: AbortController;
  users: number;
  guests: number;
}

/** @param log told of each call that is made and of what became of it */
export function openNetworks(log: (line: string) => void): Networks {
  const shared = new Map<string, Shared>();
  const all = new Map<string, Network>();
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };

  function begin({ name, endpoints }: NetworkAddress): Shared {
    const ending = new AbortController();
    const opening = openNetwork({ endpoints, genesisHash: knownGenesis(name), log, signal: ending.signal });
    const made: Shared = {
      endpoints: endpoints.join(),
      opening,
      subnets: new Map(),
      ending,
      users: 0,
      guests: 0,
    };
    shared.set(name, made);
    opening.then(
      (network) => {
        if (shared.get(name) !== made) return;
        all.set(name, network);
        changed();
      },
      () => shared.get(name) === made && shared.delete(name),
    );
    return made;
  }

  async function release(name: string, used: Shared, isGuest: boolean): Promise<void> {
    used.users--;
    if (isGuest) used.guests--;
    if (used.users === 0) await end(name, used);
  }

  async function end(name: string, used: Shared): Promise<void> {
    if (shared.get(name) === used) {
      shared.delete(name);
      all.delete(name);
    }
    used.ending.abort();
    await used.opening.then((network) => network.stop()).catch(() => undefined);
    changed();
  }

  /** A subnet is watched once for all runs that expect the same of it. */
  function subnetOf(
    { opening, subnets, ending }: Shared,
    share: object,
    netuid: number,
    expected: ExpectedSubnet,
  ): Promise<ConnectedChain> {
    const key = JSON.stringify([netuid, expected]);
    const known = subnets.get(key);
    if (known) {
      known.shares.add(share);
      return known.chain;
    }
    const unused = new AbortController();
    const life = AbortSignal.any([ending.signal, unused.signal]);
    const chain = opening.then((network) => network.subnet(netuid, expected, life));
    const made: Watched = { chain, ending: unused, shares: new Set([share]) };
    subnets.set(key, made);
    // What was not there may be there at the next try.
    chain.catch(() => subnets.get(key) === made && subnets.delete(key));
    return chain;
  }

  function leaveSubnets({ subnets }: Shared, share: object): void {
    for (const [key, { shares, ending }] of subnets) {
      if (!shares.delete(share) || shares.size > 0) continue;
      subnets.delete(key);
      ending.abort();
    }
  }

  return {
    all,
    async open(address, signal, isGuest = false) {
      const { name } = address;
      const known = shared.get(name);
      const isOther = known !== undefined && known.endpoints !== address.endpoints.join();
      if (isOther && (isGuest || known.users > known.guests))
        throw new AppError('NETWORK_NAME_TAKEN', { name });
      if (isOther) void end(name, known);
      const used = isOther || !known ? begin(address) : known;
      used.users++;
      if (isGuest) used.guests++;
      let released: Promise<void> | undefined;
      const share = {};
      const letGo = () => {
        leaveSubnets(used, share);
        released ??= release(name, used, isGuest);
        return released;
      };
      try {
        const network = await orAbort(used.opening, signal);
        return {
          network,
          subnet: (netuid, expected, wait) => orAbort(subnetOf(used, share, netuid, expected), wait),
          release: letGo,
        };
      } catch (thrown) {
        await letGo();
        throw thrown;
      }
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async stop() {
      await Promise.all([...shared].map(([name, used]) => end(name, used)));
    },
  };
}
