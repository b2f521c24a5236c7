import { orAbort } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { SubnetSnapshot } from '../network/chain.ts';
import type { ConnectedChain } from '../network/client.ts';

/** The newest reading of the subnet, or the first one where there is none yet. @throws {AppError} CHAIN_UNREACHABLE */
export async function newestSnapshot(
  chain: Pick<ConnectedChain, 'snapshot' | 'on' | 'subnet' | 'endpoint'>,
  signal: AbortSignal,
): Promise<SubnetSnapshot> {
  if (chain.snapshot) return chain.snapshot;
  const first = Promise.withResolvers<SubnetSnapshot>();
  const off = chain.on('snapshot', first.resolve);
  try {
    // Asking for what everybody asks for makes the watcher read.
    await chain.subnet(null, signal);
    return chain.snapshot ?? (await orAbort(first.promise, signal));
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code !== 'CANCELLED' && thrown.code !== 'TIMEOUT') throw thrown;
    throw new AppError('CHAIN_UNREACHABLE', { endpoint: chain.endpoint }, thrown);
  } finally {
    off();
  }
}
