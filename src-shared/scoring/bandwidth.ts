import type { ScoreModel } from '../profile/schema.ts';
import { median } from '../reduce/norms.ts';
import type { Receipt } from '../rounds/messages.ts';
import type { Ss58 } from '../units.ts';

export type BandwidthLimits = ScoreModel['bandwidth'];

/** Rates of one peer in bytes per second; null where nothing was measured. */
export interface Rates {
  readonly upBytesPerS: number | null;
  readonly downBytesPerS: number | null;
}

/** 1 - t/T for the profile's bytes at a rate; slower than the limit is 0. */
export function bandwidthAtRate(bytesPerS: number, limits: BandwidthLimits): number {
  if (!(bytesPerS > 0)) return 0;
  return scoreOfTransfer((limits.bytes / bytesPerS) * 1_000, limits);
}

export const scoreOfTransfer = (transferMs: number, limits: BandwidthLimits): number =>
  Math.max(0, 1 - transferMs / limits.timeLimitMs);

/** What a challenge showed: 0 beyond the latency limit, else the score of the slower direction. */
export function bandwidthOfChallenge(
  challenge: { readonly latencyMs: number; readonly downMs: number; readonly upMs: number },
  bytes: number,
  limits: BandwidthLimits,
): number {
  if (challenge.latencyMs > limits.latencyLimitMs) return 0;
  const slowerMs = Math.max(challenge.downMs, challenge.upMs);
  return scoreOfTransfer((slowerMs * limits.bytes) / bytes, limits);
}

/**
 * Rates of a peer's link from the receipts of a round. All pairs move at once and share it, so it is as fast as the median
 * of its pairs times their number, each direction by itself: neither one slow counterparty nor one friend decides (as
 * for rosters, `rounds/rates.ts`). Receipts that name no time or no bytes are passed over.
 */
export function ratesFromReceipts(
  receipts: readonly Receipt[],
  peer: Ss58,
): Rates & { readonly counterparties: number } {
  const up = ratesBy(receipts, ({ from, to }) => (from === peer ? to : null));
  const down = ratesBy(receipts, ({ from, to }) => (to === peer ? from : null));
  return {
    upBytesPerS: linkRate(up),
    downBytesPerS: linkRate(down),
    counterparties: new Set([...up.keys(), ...down.keys()]).size,
  };
}

function linkRate(pairs: ReadonlyMap<Ss58, number>): number | null {
  const rate = medianOf([...pairs.values()]);
  return rate === null ? null : rate * pairs.size;
}

/** Bytes over time, all receipts of one counterparty taken together. */
function ratesBy(
  receipts: readonly Receipt[],
  counterpartyOf: (receipt: Receipt) => Ss58 | null,
): ReadonlyMap<Ss58, number> {
  const sums = new Map<Ss58, { bytes: number; ms: number }>();
  for (const receipt of receipts) {
    const other = counterpartyOf(receipt);
    if (other === null || receipt.from === receipt.to) continue;
    if (receipt.bytes === 0 || !(receipt.durationMs > 0)) continue;
    const sum = sums.get(other) ?? { bytes: 0, ms: 0 };
    sums.set(other, { bytes: sum.bytes + receipt.bytes, ms: sum.ms + receipt.durationMs });
  }
  return new Map([...sums].map(([other, { bytes, ms }]) => [other, (bytes / ms) * 1_000]));
}

/** The middle value; null of none. */
export const medianOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : median(values);
