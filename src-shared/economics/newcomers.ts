/** When a place may be lost, by how many registered lately. Days are of the chain's present block time. */
export interface Forecast {
  /** How many go before this one when newcomers come: 0 is the next. */
  readonly ahead: number;
  /** Places that newcomers take before anybody has to go. */
  readonly free: number;
  readonly perDay: NewcomerRate;
  /** Days until it is this one's turn, from the busiest to the quietest day; null: nobody is coming. */
  readonly days: { readonly soonest: number | null; readonly latest: number | null };
}

export interface NewcomerRate {
  readonly mean: number;
  /** Of the quietest and the busiest day looked at. */
  readonly low: number;
  readonly high: number;
  /** How far back was looked; less than a week for a subnet that is younger. */
  readonly days: number;
}

const DAYS_LOOKED_AT = 7;

/**
 * How many came in a day, of those who are still there: who came and lost the place again within the week is not seen,
 * so it is the least that it was.
 * @param sinceBlock the subnet's own first block
 * @returns null before a tenth of a day: too little to speak of days
 */
export function newcomerRate(
  registeredAt: readonly number[],
  block: number,
  blocksPerDay: number,
  sinceBlock: number,
): NewcomerRate | null {
  const days = Math.min(DAYS_LOOKED_AT, (block - sinceBlock) / blocksPerDay);
  if (!(days >= 0.1)) return null;
  const counts: number[] = Array.from({ length: Math.ceil(days) }, () => 0);
  let total = 0;
  for (const at of registeredAt) {
    // Who stood there from the first block on did not come.
    if (at <= sinceBlock) continue;
    const ago = Math.max(0, (block - at) / blocksPerDay);
    if (ago >= days) continue;
    const day = Math.floor(ago);
    counts[day] = (counts[day] ?? 0) + 1;
    total++;
  }
  const whole = Math.floor(days) > 0 ? counts.slice(0, Math.floor(days)) : [];
  const mean = total / days;
  return {
    mean,
    low: whole.length > 0 ? Math.min(mean, ...whole) : mean,
    high: whole.length > 0 ? Math.max(mean, ...whole) : mean,
    days,
  };
}

/**
 * @param order uids in the order in which newcomers would get them, as `pruneOrder` has it
 * @returns null for a uid that is never pruned
 */
export function forecastOf(
  uid: number,
  order: readonly number[],
  free: number,
  perDay: NewcomerRate | null,
): Forecast | null {
  const ahead = order.indexOf(uid);
  if (ahead < 0 || !perDay) return null;
  const turns = ahead + free + 1;
  const daysAt = (rate: number) => (rate > 0 ? turns / rate : null);
  return { ahead, free, perDay, days: { soonest: daysAt(perDay.high), latest: daysAt(perDay.low) } };
}

/** Blocks of a day, by how long one takes: 7,200 on a chain of twelve seconds. */
export function blocksPerDay(blockMs: number): number {
  const FIELD_MS = 12_000;
  // What a few late blocks make of the mean is no other chain.
  const isUsual = Math.abs(blockMs - FIELD_MS) < FIELD_MS / 5;
  return Math.max(1, Math.round(86_400_000 / (isUsual ? FIELD_MS : blockMs)));
}
