/** Prices and places on a subnet. */

export interface Seat {
  readonly uid: number;
  readonly emissionAlpha: bigint;
  readonly registeredAt: number;
  /** The subnet owner keeps its own hotkey, and some others of its hotkeys. */
  readonly ownerSeat: boolean;
}

/**
 * Who leaves a full subnet: by least emission, then oldest, then lowest uid. Neurons within their immunity period are
 * passed over while more than `minNonImmune` others remain; otherwise the choice falls among the immune.
 * @returns the uid, or null when nobody may be pruned.
 */
export function seatToPrune(
  seats: readonly Seat[],
  block: number,
  immunityPeriod: number,
  minNonImmune: number,
): number | null {
  const open = seats.filter((seat) => !seat.ownerSeat);
  const isImmune = (seat: Seat) => block - seat.registeredAt < immunityPeriod;
  const mortal = open.filter((seat) => !isImmune(seat));
  const candidates = mortal.length > minNonImmune ? mortal : open.filter(isImmune);
  return candidates.toSorted(byPruneOrder)[0]?.uid ?? null;
}

function byPruneOrder(a: Seat, b: Seat): number {
  if (a.emissionAlpha !== b.emissionAlpha) return a.emissionAlpha < b.emissionAlpha ? -1 : 1;
  return a.registeredAt - b.registeredAt || a.uid - b.uid;
}

export interface BurnBounds {
  readonly minRao: bigint;
  readonly maxRao: bigint;
}

/** New price after an adjustment interval: times (registrations + target) / (2 target), within its bounds. */
export function adjustedBurn(
  burnRao: bigint,
  registrations: number,
  target: number,
  { minRao, maxRao }: BurnBounds,
): bigint {
  if (target === 0) return burnRao;
  const wanted = (burnRao * BigInt(registrations + target)) / BigInt(2 * target);
  return wanted < minRao ? minRao : wanted > maxRao ? maxRao : wanted;
}
