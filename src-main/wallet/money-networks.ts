import { aborted } from '../../src-node/waits.ts';
import type { MoneyNetwork } from '../../src-shared/contract/page/money.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Hex } from '../../src-shared/units.ts';
import type { Network } from '../network/client.ts';
import { knownNetwork } from '../network/known.ts';
import type { NetworkShare, Networks } from '../network/networks.ts';

/**
 * A network as the money screens name it. Coins of a chain that nobody knows are never shown as if they were the real
 * thing, and those of the test network are kept as if they were.
 * @param mark of the runs that work on it; null where there are none
 */
export function moneyNetwork(name: string, genesis: Hex, mark: string | null): MoneyNetwork {
  const known = knownNetwork(genesis);
  return { name, genesis, isReal: known !== null, mark: known ? known.mark : (mark ?? name.toUpperCase()) };
}

/** The chain nodes that a network is asked at. */
export interface AskedAt {
  /** All that it may go over to, in their order. */
  readonly endpoints: readonly string[];
  /** The one that answers. */
  readonly endpoint: string;
}

export const askedAt = ({ endpoints, endpoint }: Network): AskedAt => ({
  endpoints: endpoints.map((one) => one.endpoint),
  endpoint,
});

/**
 * Where a network is asked now: as it is open, or as it would be opened.
 * @param endpointOf what the settings say; null for a network of somebody's own
 * @throws {AppError} NETWORK_NOT_OPEN
 */
export function askedNow(
  networks: Networks,
  name: string,
  endpointOf: (name: string) => string | null,
): AskedAt {
  const open = networks.all.get(name);
  if (open) return askedAt(open);
  const endpoint = endpointOf(name);
  if (endpoint === null) throw new AppError('NETWORK_NOT_OPEN', { network: name });
  return { endpoints: [endpoint], endpoint };
}

/**
 * An order is signed at the node that it was looked over at, and the window names: settings, runs and a lost connection
 * can each bring another one.
 * @throws {AppError} REVIEW_OUTDATED
 */
export function demandAskedAt(seen: AskedAt, now: AskedAt): void {
  if (seen.endpoint !== now.endpoint || seen.endpoints.join() !== now.endpoints.join())
    throw new AppError('REVIEW_OUTDATED');
}

/**
 * A share of a network: of one that is open, or of one that the settings name an endpoint for.
 * @throws {AppError} NETWORK_NOT_OPEN, CHAIN_UNREACHABLE
 */
export async function shareOf(
  networks: Networks,
  name: string,
  endpointOf: (name: string) => string | null,
  signal: AbortSignal,
): Promise<NetworkShare> {
  const { endpoints } = askedNow(networks, name, endpointOf);
  return networks.open({ name, endpoints }, signal);
}

/** Resolves with the network of that genesis as soon as one is open. @throws {AppError} CANCELLED */
export async function networkOf(networks: Networks, genesis: Hex, signal: AbortSignal): Promise<Network> {
  const find = () => [...networks.all.values()].find(({ genesisHash }) => genesisHash === genesis);
  const found = find();
  if (found) return found;
  const opened = Promise.withResolvers<Network>();
  const off = networks.onChange(() => {
    const network = find();
    if (network) opened.resolve(network);
  });
  try {
    const network = await Promise.race([opened.promise, aborted(signal)]);
    if (!network) throw new AppError('CANCELLED');
    return network;
  } finally {
    off();
  }
}

/** Aborts when this client of a network is not the open one any more, or with the signal. */
export function whileOpen(
  networks: Networks,
  network: Network,
  signal: AbortSignal,
): { readonly signal: AbortSignal; end(): void } {
  const gone = new AbortController();
  const off = networks.onChange(() => {
    if (![...networks.all.values()].includes(network)) gone.abort();
  });
  return { signal: AbortSignal.any([signal, gone.signal]), end: () => void off() };
}
