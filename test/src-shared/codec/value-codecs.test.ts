import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CodecId, codecOfWire, valueCodecs } from '../../../src-shared/codec/table.ts';
import { ChunkSum } from '../../../src-shared/reduce/sum.ts';
import { runs } from '../../runs.ts';
import { changed, changes, isExact, lengths, numbers, settings, UNIT } from './drawn.ts';
import { refused } from './refused.ts';

const exact = Object.keys(valueCodecs).filter((id) => id !== 'f32') as Exclude<CodecId, 'f32'>[];

function decoded(id: CodecId, bytes: Uint8Array, length: number): Float64Array | null {
  // What stood there before must not shine through.
  const values = new Float64Array(length).fill(1);
  return valueCodecs[id].decode(bytes, values, settings) ? values : null;
}
const sent = (id: CodecId, values: Float32Array): Float64Array | null =>
  decoded(id, valueCodecs[id].encode(values, settings), values.length);

describe.each(exact)('%s', (id) => {
  const codec = valueCodecs[id];

  it('takes the bytes that it says, and decodes to multiples of the unit below the limit', () => {
    fc.assert(
      fc.property(lengths, fc.integer(), fc.integer({ min: -60, max: 60 }), (length, seed, power) => {
        const values = numbers(seed, length).map((value) => value * 2 ** power);
        const bytes = codec.encode(values, settings);
        const back = decoded(id, bytes, length);
        return bytes.length === codec.bytes(length) && back !== null && isExact(back);
      }),
      { numRuns: runs(200, 5_000) },
    );
  });

  it('saturates what is too large, infinity too, and keeps its sign', () => {
    const back = sent(id, Float32Array.of(1e30, -Number.POSITIVE_INFINITY, 0, 1e-3))!;
    expect(isExact(back)).toBe(true);
    // Sparse keeps one of four, the first of equals being minus infinity here.
    const [first, second] = id === 'sparse' ? [3.75, -3.75] : [back[0]!, back[1]!];
    expect(first).toBeGreaterThan(3);
    expect(second).toBe(-first);
    if (id === 'sparse') expect(back[1]).toBe(-3.75);
  });

  it.each([0, 63, 130])('refuses its own bytes of a vector with a NaN at %i', (at) => {
    const values = numbers(3, 200);
    values[at] = Number.NaN;
    expect(sent(id, values)).toBeNull();
  });

  it('writes nothing but zeros for zeros', () => {
    expect(sent(id, new Float32Array(300))).toEqual(new Float64Array(300));
  });

  it('reads bytes that start anywhere', () => {
    const values = numbers(4, 300);
    const bytes = codec.encode(values, settings);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decoded(id, shifted.subarray(3), 300)).toEqual(sent(id, values));
  });

  it('refuses a byte more or less', () => {
    const bytes = codec.encode(numbers(5, 300), settings);
    expect(decoded(id, bytes.subarray(1), 300)).toBeNull();
    expect(decoded(id, Uint8Array.of(...bytes, 0), 300)).toBeNull();
  });

  it('makes of changed bytes values with exact sums, or nothing', () => {
    fc.assert(
      fc.property(
        lengths,
        fc.nat(7),
        fc.array(changes, { minLength: 1, maxLength: 4 }),
        (length, seed, list) => {
          const bytes = changed(codec.encode(numbers(seed, length), settings), list);
          const back = decoded(id, bytes, length);
          return back === null || (bytes.length === codec.bytes(length) && isExact(back));
        },
      ),
      { numRuns: runs(2_000, 200_000) },
    );
  });

  it('has a number of its own in frames', () => {
    expect(codecOfWire(codec.wire)).toBe(id);
  });
});

describe('what decoding loses', () => {
  it.each([
    // Half a step, a step being at most 1/63.5 of the largest value of its block.
    ['int8', 1 / 127],
    // Half of the widest gap between levels, by the largest level at the coarser of two scales.
    ['int4', 7 / 26],
  ] as const)('%s stays within its share of the largest value of each block', (id, share) => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const values = numbers(seed, 64, 4);
        const largest = Math.max(...values.map(Math.abs));
        return sent(id, values)!.every((value, i) => Math.abs(value - values[i]!) <= largest * share + UNIT);
      }),
      { numRuns: runs(300, 10_000) },
    );
  });

  it('sparse keeps the largest of each block, near to what they were', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const values = numbers(seed, 4_096, 2);
        const back = sent('sparse', values)!;
        const kept = [...back.keys()].filter((i) => back[i] !== 0);
        const smallest = Math.min(...kept.map((i) => Math.abs(values[i]!)));
        const passedOver = values.filter((_, i) => back[i] === 0).map(Math.abs);
        const isNear = kept.every((i) => Math.sign(back[i]!) === Math.sign(values[i]!));
        return kept.length === 64 && isNear && passedOver.every((value) => value <= smallest);
      }),
      { numRuns: runs(50, 1_000) },
    );
  });

  it.each(['fp16', 'int8', 'sparse'] as const)('%s loses nothing the second time', (id) => {
    const once = sent(id, numbers(6, 5_000, 3))!;
    expect(sent(id, Float32Array.from(once))).toEqual(once);
  });
});

describe('f32, which is for tests', () => {
  it('gives back what is below the limit, from bytes that start anywhere', () => {
    const values = numbers(7, 300);
    const bytes = valueCodecs.f32.encode(values, settings);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decoded('f32', shifted.subarray(3), 300)).toEqual(Float64Array.from(values));
  });

  it('refuses the limit itself, what is no number, and a byte more or less', () => {
    for (const value of [4, -4, Number.NaN, Number.NEGATIVE_INFINITY])
      expect(sent('f32', Float32Array.of(1, value))).toBeNull();
    const bytes = valueCodecs.f32.encode(numbers(5, 300), settings);
    expect(decoded('f32', bytes.subarray(1), 300)).toBeNull();
    expect(decoded('f32', Uint8Array.of(...bytes, 0), 300)).toBeNull();
  });
});

describe('bytes that no sender writes', () => {
  it.each(refused)('are refused: %s', (_what, id, bytes, length) => {
    expect(bytes.length).toBe(valueCodecs[id].bytes(length));
    expect(decoded(id, bytes, length)).toBeNull();
  });
});

describe('sums of members of all tiers', () => {
  it('are exact, whatever the order', () => {
    const member = fc.record({
      id: fc.constantFrom(...exact),
      seed: fc.integer(),
      weight: fc.integer({ min: 1, max: 127 }),
      clip: fc.integer({ min: 0, max: 6 }),
    });
    fc.assert(
      fc.property(fc.array(member, { minLength: 64, maxLength: 64 }), fc.integer(), (members, seed) => {
        const all = members.map((m) => ({ ...m, values: sent(m.id, numbers(m.seed, 70))! }));
        const sumOf = (list: typeof all) => {
          const sum = new ChunkSum(70);
          for (const { values, weight, clip } of list) sum.add(values, weight, clip);
          return sum.result((exactly) => new Uint8Array(exactly.slice().buffer));
        };
        const key = (i: number) => Math.imul(i + 1, seed | 1) >>> 0;
        const shuffled = all.map((m, i) => ({ m, at: key(i) })).sort((a, b) => a.at - b.at);
        expect(sumOf(shuffled.map(({ m }) => m))).toEqual(sumOf(all));
        const truth = Array.from({ length: 70 }, (_, i) =>
          all.reduce(
            (sum, m) => sum + BigInt((m.values[i]! / UNIT) * 2 ** (6 - m.clip)) * BigInt(m.weight),
            0n,
          ),
        );
        const read = new Float64Array(sumOf(all).buffer as ArrayBuffer);
        expect([...read].map((value) => BigInt((value / UNIT) * 64))).toEqual(truth);
      }),
      { numRuns: runs(20, 300) },
    );
  });
});
