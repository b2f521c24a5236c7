import type { EarningsView } from '../../src-shared/contract/page/wallet.ts';
import { type AlphaRao, alphaRao, RAO_PER_TAO, type Rao, rao } from '../../src-shared/units.ts';
import type { EpochRow, SnapshotRow } from './ledger.ts';

const DAY_MS = 86_400_000;

/** alpha * price / 1e9, cut: a worth is never shown larger than it is. */
export function worthOf(alpha: AlphaRao, priceRao: Rao | null): Rao | null {
  return priceRao === null ? null : rao((alpha * priceRao) / RAO_PER_TAO);
}

/** Midnight UTC before (or at) this moment. */
export const utcDayStart = (atMs: number): number => Math.floor(atMs / DAY_MS) * DAY_MS;

/**
 * Stake gained beyond what was booked: dividends on own stake, own staking, rounding of shares.
 * @param booked rows after the earlier snapshot's block up to and including the later one's
 */
export function residual(before: SnapshotRow, stakeAlpha: AlphaRao, booked: readonly EpochRow[]): AlphaRao {
  return alphaRao(stakeAlpha - before.stakeAlpha - sumAlpha(booked));
}

export function sumAlpha(rows: readonly EpochRow[]): AlphaRao {
  return alphaRao(rows.reduce((sum, row) => sum + row.alpha, 0n));
}

/** The worth of all rows, each at its own epoch's price; null when one of them has none. */
export function sumValue(rows: readonly EpochRow[]): Rao | null {
  let sum = 0n;
  for (const { valueRao } of rows) {
    if (valueRao === null) return null;
    sum += valueRao;
  }
  return rao(sum);
}

/**
 * @param today rows of this UTC day, in any order
 * @param newest rows newest first
 */
export function earningsView(
  today: readonly EpochRow[],
  newest: readonly EpochRow[],
  nextEpochBlock: number | null,
): EarningsView {
  const last = newest[0];
  return {
    todayAlpha: sumAlpha(today),
    todayRao: sumValue(today),
    lastEpoch: last ? { block: last.block, alpha: last.alpha } : null,
    epochs: newest.map(({ block, atMs, alpha }) => ({ block, atMs, alpha })).reverse(),
    nextEpochBlock,
  };
}
