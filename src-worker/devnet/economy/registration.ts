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
  bounds: BurnBounds,
): bigint {
  if (target === 0) return burnRao;
  return within((burnRao * BigInt(registrations + target)) / BigInt(2 * target), bounds);
}

const within = (rao: bigint, { minRao, maxRao }: BurnBounds): bigint =>
  rao < minRao ? minRao : rao > maxRao ? maxRao : rao;

/** Fractions of 32 bits: what the decay of a price is counted in. */
const FRACTION_BITS = 32n;
const WHOLE = 1n << FRACTION_BITS;
const HALF = WHOLE >> 1n;

/** By squaring, and every product cut to 32 bits: another order of steps would end in another last bit. */
function power(fraction: bigint, exponent: number): bigint {
  let result = WHOLE;
  for (let factor = fraction, left = exponent; left > 0; left >>= 1) {
    if (left & 1) result = (result * factor) >> FRACTION_BITS;
    factor = (factor * factor) >> FRACTION_BITS;
  }
  return result;
}

/** The largest fraction of 32 bits that comes to no more than a half after so many blocks. */
export function decayPerBlock(halfLife: number): bigint {
  let [low, high] = [0n, WHOLE];
  while (low + 1n < high) {
    const middle = (low + high) >> 1n;
    if (power(middle, halfLife) > HALF) high = middle;
    else low = middle;
  }
  return low;
}

let lastDecay: readonly [halfLife: number, perBlock: bigint] = [0, WHOLE];

/** The price one block later: it halves in `halfLife` blocks, and stands still where that is 0. */
export function decayedBurn(burnRao: bigint, halfLife: number, bounds: BurnBounds): bigint {
  if (halfLife === 0) return within(burnRao, bounds);
  // Subnets share their half-life as a rule, and it stays for long.
  if (lastDecay[0] !== halfLife) lastDecay = [halfLife, decayPerBlock(halfLife)];
  return within((burnRao * lastDecay[1]) >> FRACTION_BITS, bounds);
}

const MULTIPLE_BITS = 64n;

/** The price after a place was sold. @param multiple as bits, 64 of them the fraction; less than 1 counts as 1 */
export function raisedBurn(burnRao: bigint, multiple: bigint, bounds: BurnBounds): bigint {
  const least = 1n << MULTIPLE_BITS;
  return within((burnRao * (multiple < least ? least : multiple)) >> MULTIPLE_BITS, bounds);
}
