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
    // A door that is shut is told at once: a network's client would go on knocking.
    (await openNodeSocket(endpoint, life)).close();
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
    const { code } = toCodedError(thrown);
    if (NO_ANSWER.has(code)) throw new AppError('ENDPOINT_NO_CHAIN', { endpoint }, thrown);
    throw thrown;
  } finally {
    ending.abort();
  }
}
