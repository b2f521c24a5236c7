import { withLimit } from '../../src-node/waits.ts';
import type { EndpointFacts } from '../../src-shared/contract/page/network.ts';
import { AppError, toCodedError } from '../../src-shared/errors/app-error.ts';
import { knownNetwork } from './known.ts';
import { ASK_LIMIT_MS } from './limits.ts';
import { openNetwork } from './network.ts';
import { openNodeSocket } from './node-socket.ts';

/** Whatever the reason: nobody waits for this endpoint, as one waits for a chain that was joined. */
const NO_ANSWER: ReadonlySet<string> = new Set(['CHAIN_UNREACHABLE', 'CANCELLED', 'TIMEOUT', 'INTERNAL']);

/**
 * Asks the chain behind an endpoint who it is. Opens a client of its own and closes it again.
 * @throws {AppError} ENDPOINT_NO_CHAIN when nothing there speaks like a chain node, CANCELLED
 */
export async function askEndpoint(
  endpoint: string,
  netuid: number,
  signal: AbortSignal,
): Promise<EndpointFacts> {
  const ending = new AbortController();
  const life = AbortSignal.any([withLimit(signal, ASK_LIMIT_MS), ending.signal]);
  try {
    await knock(endpoint, life);
    const network = await openNetwork({ endpoints: [endpoint], log: () => undefined, signal: life });
    try {
      const { name, specVersion } = await network.identity(life);
      const known = knownNetwork(network.genesisHash);
      const { finalized } = network;
      if (!finalized) throw new AppError('CHAIN_UNREACHABLE', { endpoint });
      return {
        endpoint,
        chain: name,
        genesis: network.genesisHash,
        specVersion,
        finalizedBlock: finalized.number,
        knownNetwork: known?.name ?? null,
        mark: known?.mark ?? null,
        netuid,
        subnet: await network.subnetName(netuid, life),
      };
    } finally {
      await network.stop();
    }
  } catch (thrown) {
    if (signal.aborted) throw new AppError('CANCELLED', {}, thrown);
    throw asNoChain(endpoint, thrown);
  } finally {
    ending.abort();
  }
}

/** A door that is shut is told at once: a network's client would go on knocking. @throws {AppError} CHAIN_UNREACHABLE */
export async function knock(endpoint: string, signal: AbortSignal): Promise<void> {
  (await openNodeSocket(endpoint, signal)).close();
}

/** Why an endpoint could not be used, for somebody who waits for its answer. */
export function asNoChain(endpoint: string, thrown: unknown): unknown {
  const { code } = toCodedError(thrown);
  return NO_ANSWER.has(code) ? new AppError('ENDPOINT_NO_CHAIN', { endpoint }, thrown) : thrown;
}
