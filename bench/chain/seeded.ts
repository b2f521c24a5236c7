/** Numbers that look random and are the same in every run (mulberry32). */
export interface Seeded {
  /** 0 and up, below 1. */
  real(): number;
  /** 0 and up, below `end`. */
  below(end: number): number;
  /** Spread evenly over orders of magnitude, both ends included. */
  amount(least: bigint, most: bigint): bigint;
  pick<T>(from: readonly T[]): T;
}

export function seeded(seed: number): Seeded {
  let state = seed >>> 0;
  const real = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number): number => Math.floor(real() * end);
  return {
    real,
    below,
    amount(least, most) {
      const [low, high] = [Math.log(Number(least)), Math.log(Number(most))];
      const drawn = BigInt(Math.round(Math.exp(low + real() * (high - low))));
      return drawn < least ? least : drawn > most ? most : drawn;
    },
    pick: (from) => {
      const [first] = from;
      if (first === undefined) throw new RangeError('nothing to pick from');
      return from[below(from.length)] ?? first;
    },
  };
}
