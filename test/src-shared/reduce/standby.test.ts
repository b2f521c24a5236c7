import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { standbyOf } from '../../../src-shared/reduce/standby.ts';
import { hex } from '../../../src-shared/units.ts';
import { runs } from '../../runs.ts';

const numRuns = runs(200, 2_000);
const blockHash = hex('ab'.repeat(32));
const partsOf = (counts: readonly number[]) => counts.map((chunkCount) => ({ chunkCount }));
const drawn = (chunk: number, counts: readonly number[], reducer = 0, hash = blockHash) =>
  standbyOf({ blockHash: hash, chunk, reducer }, partsOf(counts), sha256);

describe('standby of a chunk', () => {
  it('is the same for everybody, by block and chunk', () => {
    const first = Array.from({ length: 12 }, (_, chunk) => drawn(chunk, [5, 5, 5, 5]));
    expect(first).toEqual([2, 3, 3, 1, 3, 3, 3, 1, 2, 3, 1, 3]);
    const other = Array.from({ length: 12 }, (_, chunk) =>
      drawn(chunk, [5, 5, 5, 5], 0, hex('cd'.repeat(32))),
    );
    expect(other).not.toEqual(first);
  });

  it('is another reducer, never the chunk’s own nor one without a part', () => {
    const counts = fc.array(fc.nat(500), { minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(counts, fc.nat(20_000), fc.nat(63), (some, chunk, at) => {
        const reducer = at % some.length;
        const standby = drawn(chunk, some, reducer);
        const others = some.filter((count, i) => i !== reducer && count > 0);
        if (standby === null) return others.length === 0;
        return standby !== reducer && some[standby]! > 0;
      }),
      { numRuns },
    );
  });

  it('falls to the others in proportion to their parts', () => {
    const counts = [400, 100, 200, 0, 300];
    const hits = counts.map(() => 0);
    const draws = 6_000;
    for (let chunk = 0; chunk < draws; chunk++) hits[drawn(chunk, counts, 0)!]!++;
    // Four standard deviations of the largest of them.
    const slack = 4 * Math.sqrt(draws * 0.25);
    for (const [i, count] of counts.entries())
      expect(Math.abs(hits[i]! - (i === 0 ? 0 : (draws * count) / 600))).toBeLessThanOrEqual(slack);
    expect(hits[0]).toBe(0);
    expect(hits[3]).toBe(0);
  });

  it('is the other one of two, and nobody where one reduces all', () => {
    expect(drawn(7, [10, 10], 0)).toBe(1);
    expect(drawn(7, [10, 10], 1)).toBe(0);
    expect(drawn(7, [20, 0, 0], 0)).toBeNull();
  });
});
