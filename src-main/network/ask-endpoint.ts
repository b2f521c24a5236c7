import { withLimit } from '../../src-node/waits.ts';
import type { EndpointFacts } from '../../src-shared/contract/page/network.ts';
import { AppError, toCodedError } from '../../src-shared/errors/app-error.ts';
import { knownNetwork } from './known.ts';
import { ASK_LIMIT_MS } from './limits.ts';
import { openNetwork } from './network.ts';

/**
 * Asks the chain behind an endpoint who it is. Opens a client of its own and closes it again.
 * @throws {AppError} CHAIN_UNREACHABLE when nothing there speaks like a chain node, CANCELLED
 */
export async function askEndpoint(
  endpoint: string,
  netuid: number,
  signal: AbortSignal,
): Promise<EndpointFacts> {
  const ending = new AbortController();
  const life = AbortSignal.any([withLimit(signal, ASK_LIMIT_MS), ending.signal]);
  try {
    const network = await openNetwork({ endpoints: [endpoint], log: () => undefined, signal: life });
    try {
      const { name, specVersion } = await network.identity(life);
      const known = knownNetwork(network.genesisHash);
      return {
        endpoint,
        chain: name,
        genesis: network.genesisHash,
        specVersion,
        finalizedBlock: network.finalized?.number ?? 0,
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
    if (code === 'CANCELLED' || code === 'TIMEOUT' || code === 'INTERNAL')
      throw new AppError('CHAIN_UNREACHABLE', { endpoint }, thrown);
    throw thrown;
  } finally {
    ending.abort();
  }
}
