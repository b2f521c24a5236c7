import fc from 'fast-check';

/** The settings of all shipped profiles. */
export const settings = { fp16Shift: 8, unitExponent: 32 };
export const UNIT = 2 ** -32;

/** Numbers of a seed with magnitudes over eight decades and zeros among them: every scale is met. */
export function numbers(seed: number, length: number, spread = 8): Float32Array {
  let state = (Math.imul(seed, 0x9e3779b1) + 1) >>> 0;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return Float32Array.from({ length }, () => {
    const size = 10 ** (-spread * next());
    return next() < 0.1 ? 0 : (next() < 0.5 ? -1 : 1) * size;
  });
}

/** Lengths around the borders of blocks. */
export const lengths = fc.oneof(
  fc.integer({ min: 1, max: 600 }),
  fc.constantFrom(63, 64, 65, 255, 256, 257, 4_095, 4_096, 4_097, 8_193),
);

/** One change of some bytes: a bit, a byte, a cut, an addition, a copy of a stretch over another. */
export const changes = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), bit: fc.integer({ min: 0, max: 7 }) }),
  fc.record({ kind: fc.constant('set' as const), at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('grow' as const), value: fc.integer({ min: 0, max: 255 }) }),
  fc.record({
    kind: fc.constant('copy' as const),
    at: fc.nat(),
    from: fc.nat(),
    length: fc.integer({ min: 1, max: 32 }),
  }),
);

type Change = typeof changes extends fc.Arbitrary<infer T> ? T : never;

export function changed(bytes: Uint8Array, list: readonly Change[]): Uint8Array {
  let now: Uint8Array = bytes.slice();
  for (const change of list) now = changedOnce(now, change);
  return now;
}

function changedOnce(bytes: Uint8Array, change: Change): Uint8Array {
  const place = (at: number) => (bytes.length === 0 ? 0 : at % bytes.length);
  if (change.kind === 'cut') return bytes.slice(0, place(change.at));
  if (change.kind === 'grow') return Uint8Array.of(...bytes, change.value);
  if (bytes.length === 0) return bytes;
  if (change.kind === 'flip') bytes[place(change.at)]! ^= 1 << change.bit;
  else if (change.kind === 'set') bytes[place(change.at)] = change.value;
  else bytes.copyWithin(place(change.at), place(change.from), place(change.from) + change.length);
  return bytes;
}

/** Whether sums of such values are exact. */
export const isExact = (values: Float64Array): boolean =>
  values.every((value) => Number.isInteger(value / UNIT) && Math.abs(value / UNIT) < 2 ** 34);
