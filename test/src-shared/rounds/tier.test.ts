import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CodecId } from '../../../src-shared/codec/table.ts';
import { chooseTier } from '../../../src-shared/rounds/tier.ts';
import { runs } from '../../runs.ts';

const tiers: readonly CodecId[] = ['fp16', 'int8', 'int4', 'sparse'];
/** 100 s of an exchange leave 80 s: fp16 fits from 25 kB/s on. */
const bytes = new Map<CodecId, number>([
  ['fp16', 2_000_000],
  ['int8', 1_000_000],
  ['int4', 500_000],
  ['sparse', 100_000],
]);
const at = (upBytesPerS: number | null, last: CodecId = 'fp16') =>
  chooseTier(tiers, { last, bytes, upBytesPerS, exchangeMs: 100_000 });

describe('the tier of a member', () => {
  it.each<[number, CodecId]>([
    [25_000, 'fp16'],
    [24_999, 'int8'],
    [12_499, 'int4'],
    [6_249, 'sparse'],
    [1, 'sparse'],
  ])('at %i B/s is %s', (rate, tier) => {
    expect(at(rate)).toBe(tier);
  });

  it('is the last one where nothing was measured', () => {
    expect([at(null, 'int4'), at(0, 'int4'), at(null)]).toEqual(['int4', 'int4', 'fp16']);
  });

  it('is the richest where the last one is none of the profile any more', () => {
    expect(chooseTier(['int8'], { last: 'fp16', bytes, upBytesPerS: null, exchangeMs: 1 })).toBe('int8');
  });

  it('rises only where the richer one leaves room, and then by as much as it does', () => {
    expect(at(25_000, 'int8')).toBe('int8');
    expect(at(35_700, 'int8')).toBe('int8');
    expect(at(35_715, 'int8')).toBe('fp16');
    expect(at(1_000_000, 'sparse')).toBe('fp16');
  });

  it('stays where it is while the link does', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.constantFrom(...tiers), (rate, last) => {
        const chosen = at(rate, last);
        return at(rate, chosen) === chosen;
      }),
      { numRuns: runs(500) },
    );
  });

  it('is never richer for a slower link', () => {
    fc.assert(
      fc.property(fc.tuple(fc.nat(100_000), fc.nat(100_000)), fc.constantFrom(...tiers), (rates, last) => {
        const [slow, fast] = rates.toSorted((a, b) => a - b).map((rate) => tiers.indexOf(at(rate + 1, last)));
        return slow! >= fast!;
      }),
      { numRuns: runs(500) },
    );
  });
});
