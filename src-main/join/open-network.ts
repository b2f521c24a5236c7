import { withLimit } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { asNoChain, knock } from '../network/ask-endpoint.ts';
import type { Network } from '../network/client.ts';
import { isKnownName, knownNetwork } from '../network/known.ts';
import type { NetworkShare, Networks } from '../network/networks.ts';
import { JOIN_OPEN_LIMIT_MS, JOIN_READ_LIMIT_MS } from './limits.ts';

/**
 * Opens a network for somebody who waits to join it: where no chain answers, that is told, and nobody knocks on.
 * @throws {AppError} ENDPOINT_NO_CHAIN, NETWORK_NAME_TAKEN, CHAIN_IS_ANOTHER
 */
export async function openToJoin(
  networks: Networks,
  { networkName: name, endpoint }: { readonly networkName: string; readonly endpoint: string },
  signal: AbortSignal,
): Promise<NetworkShare> {
  const limit = withLimit(signal, JOIN_OPEN_LIMIT_MS);
  let share: NetworkShare;
  try {
    if (!networks.all.has(name)) await knock(endpoint, limit);
    share = await networks.open({ name, endpoints: [endpoint] }, limit);
  } catch (thrown) {
    throw signal.aborted ? thrown : asNoChain(endpoint, thrown);
  }
  try {
    await demandNamed(share.network, name, signal);
    return share;
  } catch (thrown) {
    await share.release();
    throw thrown;
  }
}

/** What goes by the name of a real network must be that network: its name is what a person trusts. */
async function demandNamed(network: Network, name: string, signal: AbortSignal): Promise<void> {
  const known = knownNetwork(network.genesisHash);
  if (!isKnownName(name) || known?.name === name) return;
  const found = known?.name ?? (await network.identity(withLimit(signal, JOIN_READ_LIMIT_MS))).name;
  throw new AppError('CHAIN_IS_ANOTHER', { found, wanted: name });
}
