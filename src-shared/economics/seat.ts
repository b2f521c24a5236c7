import { type AlphaRao, alphaRao, type Ss58 } from '../units.ts';

/** A neuron as far as permits go. */
interface Staked {
  readonly hotkey: Ss58;
  readonly validatorPermit: boolean;
  readonly stakeAlpha: AlphaRao;
}

/** Where a hotkey stands among those whose weights count. Amounts are alpha on the hotkeys. */
export interface Seat {
  readonly hasPermit: boolean;
  readonly stakeAlpha: AlphaRao;
  /** Who has a permit, and how many there are at most; null where the runtime does not say. */
  readonly permits: number;
  readonly places: number | null;
  /** The least stake of those with a permit, the hotkey itself left out; null where there is nobody else. */
  readonly lowestAlpha: AlphaRao | null;
  /** What is lacking to have more than that one; 0 with a permit, and while a place is free. */
  readonly gapAlpha: AlphaRao;
  /** By how much it stands above the best without a permit; null while it has none, or a place is free. */
  readonly marginAlpha: AlphaRao | null;
}

/**
 * Permits go to the most stake, decided anew at the end of each epoch. By alpha alone: what lies on root, and what
 * parents lend, counts on chain besides and is not seen here.
 * @param hotkey null: one that is not made yet
 * @param places most permits of the subnet
 */
export function seatOf(neurons: readonly Staked[], hotkey: Ss58 | null, places: number | null): Seat {
  const own = neurons.find((one) => one.hotkey === hotkey);
  const stakeAlpha = own?.stakeAlpha ?? alphaRao(0n);
  const hasPermit = own?.validatorPermit ?? false;
  const others = neurons.filter((one) => one.hotkey !== hotkey);
  const [seated, waiting] = [true, false].map((is) => others.filter((one) => one.validatorPermit === is));
  const permits = (seated?.length ?? 0) + (hasPermit ? 1 : 0);
  const lowestAlpha = least(seated ?? []);
  const isFree = places !== null && permits < places;
  const next = most(waiting ?? []);
  return {
    ...{ hasPermit, stakeAlpha, permits, places, lowestAlpha },
    gapAlpha:
      hasPermit || isFree || lowestAlpha === null || stakeAlpha > lowestAlpha
        ? alphaRao(0n)
        : alphaRao(lowestAlpha - stakeAlpha + 1n),
    marginAlpha:
      hasPermit && !isFree && next !== null ? alphaRao(stakeAlpha > next ? stakeAlpha - next : 0n) : null,
  };
}

const least = (some: readonly Staked[]): AlphaRao | null =>
  some.reduce<AlphaRao | null>(
    (low, { stakeAlpha }) => (low === null || stakeAlpha < low ? stakeAlpha : low),
    null,
  );

const most = (some: readonly Staked[]): AlphaRao | null =>
  some.reduce<AlphaRao | null>(
    (high, { stakeAlpha }) => (high === null || stakeAlpha > high ? stakeAlpha : high),
    null,
  );
