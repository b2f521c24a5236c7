import type { EarningsView } from '../../src-shared/contract/page/wallet.ts';
import { type AlphaRao, alphaRao, type Rao, rao } from '../../src-shared/units.ts';
import type { EpochRow } from './ledger.ts';
import { ROUNDING_RAO } from './limits.ts';

/** Shares of a pool are rounded at each change: so much of a stake's change is nobody's doing. */
export const isRounding = (alpha: bigint): boolean => alpha >= -ROUNDING_RAO && alpha <= ROUNDING_RAO;

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
