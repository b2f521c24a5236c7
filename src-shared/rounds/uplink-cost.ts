import type { CodecId } from '../codec/table.ts';
import { sendMs } from './tier.ts';

/** A tier of the profile and what a whole contribution of the model weighs in it. */
export interface TierSize {
  readonly codec: CodecId;
  readonly bytes: number;
}

/** What one tier comes to at an uplink of a known rate. */
export interface TierCost extends TierSize {
  /** To send all of it. */
  readonly neededMs: number;
  /** Share of the contribution that arrives in time, 0..1. */
  readonly inTimeShare: number;
}

/**
 * What an uplink carries of a contribution in each tier, by the rule by which tiers are chosen (ROUNDS section 5,
 * `tier.ts`): the whole contribution within the first 0.8 of an exchange. What comes later stays residue and goes out
 * with the next contribution.
 * @param upBytesPerS above 0
 * @param exchangeMs length of an exchange at the chain's usual pace
 */
export const tierCosts = (
  tiers: readonly TierSize[],
  { upBytesPerS, exchangeMs }: { readonly upBytesPerS: number; readonly exchangeMs: number },
): readonly TierCost[] =>
  tiers.map((tier) => {
    const neededMs = (tier.bytes / upBytesPerS) * 1_000;
    return { ...tier, neededMs, inTimeShare: Math.min(1, sendMs(exchangeMs) / neededMs) };
  });

/** The uplink from which on a whole contribution arrives in time, in bytes per second. */
export const neededBytesPerS = ({ bytes }: TierSize, exchangeMs: number): number =>
  (bytes / sendMs(exchangeMs)) * 1_000;
