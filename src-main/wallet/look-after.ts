import { pause } from '../../src-node/waits.ts';
import type { NetworkShare } from '../network/networks.ts';
import { TRACK_AGAIN_MS } from './limits.ts';
import type { OwnTransaction } from './own-transaction.ts';
import type { Tracker } from './track.ts';

export interface LookAfterParts {
  readonly tracker: Pick<Tracker, 'find'>;
  /** A chain of one's own comes back with its run alone. */
  isReal(genesisHash: OwnTransaction['genesisHash']): boolean;
  open(network: string, signal: AbortSignal): Promise<NetworkShare>;
}

/**
 * Follows what an earlier process left open until its fate is known. A real network is held open until then: after a
 * restart nobody else may need it, and the search would wait for ever.
 */
export async function lookAfter(
  transaction: OwnTransaction,
  { tracker, isReal, open }: LookAfterParts,
  signal: AbortSignal,
): Promise<void> {
  const { genesisHash, account } = transaction;
  // It looks from the first moment on: the network may be open, under another name too.
  const found = tracker.find(transaction);
  if (!isReal(genesisHash)) return found;
  const ended = new AbortController();
  const holding = hold(() => open(account.network, signal), AbortSignal.any([signal, ended.signal]));
  await found;
  ended.abort();
  await (await holding)?.release();
}

/** @returns null where the signal came first */
async function hold(open: () => Promise<NetworkShare>, signal: AbortSignal): Promise<NetworkShare | null> {
  while (!signal.aborted) {
    const share = await open().catch(() => null);
    if (share) return share;
    await pause(TRACK_AGAIN_MS, signal);
  }
  return null;
}
