/** Numbers that look random and are the same in each run: a fault that is found once is found again. */
export interface Chance {
  /** 0 to n - 1. */
  below(n: number): number;
  of<T>(values: readonly T[]): T;
  digits(count: number): string;
}

/** Mulberry32, a generator of 32 bits that is enough for choosing. */
export function chance(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number) => Math.floor(next() * n);
  return {
    below,
    of: (values) => values[below(values.length)] as (typeof values)[number],
    digits: (count) => Array.from({ length: count }, () => below(10)).join(''),
  };
}
