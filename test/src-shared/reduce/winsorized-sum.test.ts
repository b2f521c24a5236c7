import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkCoder } from '../../../src-shared/codec/chunk-coder.ts';
import { chunkGrid } from '../../../src-shared/reduce/chunks.ts';
import { ChunkSum } from '../../../src-shared/reduce/sum.ts';
import { WinsorizedSum } from '../../../src-shared/reduce/winsorized-sum.ts';
import { runs } from '../../runs.ts';
import { testConsensus } from '../../src-worker/swarm/round.ts';

interface Sent {
  /** In units of 2^-32. */
  readonly units: number;
  readonly weight: number;
  readonly clip: number;
}

const sent = fc.record({
  units: fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
    fc.integer({ min: -9_007_199, max: 9_007_199 }),
  ),
  weight: fc.integer({ min: 1, max: 127 }),
  clip: fc.integer({ min: 0, max: 6 }),
});

function sumOf(all: readonly Sent[], into: ChunkSum = new WinsorizedSum(1)): number {
  for (const { units, weight, clip } of all) into.add(Float64Array.of(units * 2 ** -32), weight, clip);
  let found = Number.NaN;
  into.result((sum) => {
    found = sum[0]!;
    return new Uint8Array(0);
  });
  return found;
}

/** By the words of the rule, in whole numbers of 2^-38. */
function byTheRule(all: readonly Sent[]): number {
  const values = all.map(({ units, weight, clip }) => ({
    value: BigInt(units) << BigInt(6 - clip),
    weight: BigInt(weight),
  }));
  const sorted = [...values].sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
  const within = sorted.map(({ weight }, i) => ({
    weight,
    value: sorted[Math.min(sorted.length - 2, Math.max(1, i))]!.value,
  }));
  return Number(within.reduce((sum, { value, weight }) => sum + value * weight, 0n)) * 2 ** -38;
}

describe('winsorized sums', () => {
  it('count the ends of each element as their neighbours, exactly and in any order', () => {
    fc.assert(
      fc.property(fc.array(sent, { minLength: 3, maxLength: 64 }), fc.nat(), (all, turn) => {
        const turned = [...all.slice(turn % all.length), ...all.slice(0, turn % all.length)];
        expect(sumOf(all)).toBe(byTheRule(all));
        expect(sumOf(turned)).toBe(sumOf(all));
      }),
      { numRuns: runs(300, 10_000) },
    );
  });

  it('are plain ones of fewer than three', () => {
    const two = [
      { units: 5, weight: 2, clip: 0 },
      { units: -9, weight: 3, clip: 0 },
    ];
    expect(sumOf(two)).toBe(sumOf(two, new ChunkSum(1)));
  });

  it('forget what they held before they are used again', () => {
    const again = new WinsorizedSum(1);
    sumOf(
      [9, -7, 4].map((units) => ({ units, weight: 1, clip: 0 })),
      again,
    );
    again.clear();
    const next = [1, 2, 3].map((units) => ({ units, weight: 1, clip: 0 }));
    expect(sumOf(next, again)).toBe(sumOf(next));
  });

  it('are taken where the profile says so', () => {
    const { codec, ...usual } = testConsensus();
    const sumIn = (mean: { readonly mean?: 'winsorized' }) =>
      new ChunkCoder(chunkGrid(10, 10), { ...usual, codec: { ...codec, ...mean } }).newSum(10);
    expect(sumIn({ mean: 'winsorized' })).toBeInstanceOf(WinsorizedSum);
    expect(sumIn({})).not.toBeInstanceOf(WinsorizedSum);
  });
});
