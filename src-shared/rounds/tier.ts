import type { CodecId } from '../codec/table.ts';

/** The last chunks close at this share of the exchange (ROUNDS section 5). */
const SENT_BY_SHARE = 0.8;
/** How long a member may send in an exchange. */
export const sendMs = (exchangeMs: number): number => SENT_BY_SHARE * exchangeMs;

/** A richer tier than the last is taken where it needs this share of that time at most, so that none goes to and fro. */
const RISE_SHARE = 0.7;

/**
 * The tier of a member's next contribution: the first of the profile's that its link carries in time. It is chosen
 * before Ready and stands in it.
 * @param tiers of the profile, the richest first
 * @param now.last the tier of the contribution before
 * @param now.bytes of a whole contribution in each tier
 * @param now.upBytesPerS as both-signed receipts of the last rounds show it; null where nothing was measured
 * @param now.exchangeMs length of an exchange
 */
export function chooseTier(
  tiers: readonly CodecId[],
  now: {
    readonly last: CodecId;
    readonly bytes: ReadonlyMap<CodecId, number>;
    readonly upBytesPerS: number | null;
    readonly exchangeMs: number;
  },
): CodecId {
  const { bytes, upBytesPerS, exchangeMs } = now;
  const last = Math.max(0, tiers.indexOf(now.last));
  // Nothing shown yet, or forgotten: nobody is thought slow.
  if (!upBytesPerS) return tiers[last]!;
  const inTimeMs = sendMs(exchangeMs);
  const fits = (tier: CodecId, i: number) => {
    const neededMs = ((bytes.get(tier) ?? Number.POSITIVE_INFINITY) / upBytesPerS) * 1_000;
    return neededMs <= (i < last ? RISE_SHARE * inTimeMs : inTimeMs);
  };
  return tiers.find(fits) ?? tiers.at(-1)!;
}
