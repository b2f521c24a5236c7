import { expect, it } from 'vitest';
import { packBf16, unpackBf16 } from '../../../../src-worker/train/engine/bf16.ts';
import { randomFrom } from './support.ts';

const there = (values: Float32Array): Uint16Array => {
  const packed = new Uint16Array(values.length);
  packBf16(values, packed);
  return packed;
};
const back = (packed: Uint16Array): Float32Array => {
  const values = new Float32Array(packed.length);
  unpackBf16(packed, values);
  return values;
};

it('every number of 16 bits comes back as it was, and what is not a number stays so', () => {
  const all = Uint16Array.from({ length: 65_536 }, (_, i) => i);
  const values = back(all);
  const again = back(there(values));
  for (const [i, value] of values.entries())
    if (!Object.is(again[i], value)) expect([value, again[i]]).toEqual([Number.NaN, Number.NaN]);
});

it('rounds to the nearest, ties to even', () => {
  const step = 2 ** -7;
  const values = Float32Array.of(1 + step / 2, 1 + 1.5 * step, 1 + 0.51 * step, -1 - 0.49 * step, 3.4e38);
  expect([...back(there(values))]).toEqual([1, 1 + 2 * step, 1 + step, -1, Number.POSITIVE_INFINITY]);
});

it('is never further off than half of the last place', () => {
  const next = randomFrom(3);
  const values = Float32Array.from({ length: 10_000 }, () => (next() - 0.5) * 2 ** (60 * next() - 30));
  for (const [i, value] of back(there(values)).entries())
    expect(Math.abs(value - values[i]!)).toBeLessThanOrEqual(Math.abs(values[i]!) * 2 ** -8);
});
