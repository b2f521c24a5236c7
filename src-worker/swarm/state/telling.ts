import { EDGES_EVERY_MS } from '../limits.ts';
import { RecentRate } from './recent-rate.ts';
import type { Transfer } from './transfer.ts';

export interface StateProgress {
  readonly receivedBytes: number;
  readonly totalBytes: number;
  /** Over the last seconds; null before any have gone by. */
  readonly bytesPerSecond: number | null;
  /** Who gives at this moment. */
  readonly peers: number;
  readonly stores: number;
}

/** Tells a transfer's progress as often as a page shows it, and the last word always. */
export function progressTeller(
  of: () => Transfer,
  tell: (progress: StateProgress) => void,
): (isLast: boolean) => void {
  let rate: RecentRate | null = null;
  let saidAtMs = Number.NEGATIVE_INFINITY;
  return (isLast) => {
    const nowMs = performance.now();
    if (!isLast && nowMs - saidAtMs < EDGES_EVERY_MS) return;
    saidAtMs = nowMs;
    const { file, peersAtWork: peers, storesAtWork: stores } = of();
    const { receivedBytes, totalBytes } = file;
    rate ??= new RecentRate(receivedBytes, nowMs);
    tell({ receivedBytes, totalBytes, peers, stores, bytesPerSecond: rate.at(receivedBytes, nowMs) });
  };
}
