import type { EpochReturn } from './returns.ts';

/**
 * What one alpha of a stake became, less one: alpha for one share then and now. Shares do not change when dividends
 * come, and what is put in or taken out changes both alike.
 * @returns null where either is not known, or the shares were counted anew in between: then they say nothing
 */
export function shareGrowth(then: number | undefined, now: number | undefined): number | null {
  if (then === undefined || now === undefined || then <= 0) return null;
  const growth = now / then - 1;
  // Dividends are never negative: less than before means other shares. What rounding takes is none.
  return growth < -ROUNDING ? null : Math.max(0, growth);
}

/** Shares are rounded to a part in 1e12 of themselves at worst. */
const ROUNDING = 1e-9;

/**
 * The same by what each epoch paid: the product of 1 + r with r = dividends / (stake - dividends), less one.
 * @returns null without an epoch that had a stake
 */
export function epochsGrowth(epochs: readonly Pick<EpochReturn, 'dividends' | 'stake'>[]): number | null {
  const rates = epochs.flatMap(({ dividends, stake }) =>
    stake > dividends ? [Number(dividends) / Number(stake - dividends)] : [],
  );
  return rates.length === 0 ? null : rates.reduce((product, rate) => product * (1 + rate), 1) - 1;
}
