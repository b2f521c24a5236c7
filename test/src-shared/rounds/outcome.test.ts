import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currentBase, outcomeOf, type WitnessEntry } from '../../../src-shared/rounds/outcome.ts';
import { type Hex, hex } from '../../../src-shared/units.ts';

const runs = process.env.BUTTERFLY_LONG ? 5_000 : 500;
const tag = hex('00'.repeat(8));
const id = (n: number): Hex => hex(n.toString(16).padStart(64, '0'));
const outcomeBlockOfRound = (round: number): number => 20 * round + 17;
const entry = (block: number, round: number, parent: number, result: number | null): WitnessEntry => ({
  block,
  record: { tag, round, parentId: id(parent), resultId: result === null ? null : id(result) },
});
const at = { round: 3, outcomeBlock: outcomeBlockOfRound(3) };

describe('outcome of a round', () => {
  it('is committed when more than half of the witnesses name one id', () => {
    const entries = [entry(70, 3, 1, 2), entry(71, 3, 1, 2), entry(72, 3, 1, 9)];
    expect(outcomeOf(entries, 3, at)).toEqual({ kind: 'committed', id: id(2) });
  });

  it('is void without a majority of all witnesses, the silent ones counted', () => {
    expect(outcomeOf([entry(70, 3, 1, 2)], 3, at)).toEqual({ kind: 'void' });
    expect(outcomeOf([entry(70, 3, 1, 2), entry(70, 3, 1, 9)], 2, at)).toEqual({ kind: 'void' });
    expect(outcomeOf([], 1, at)).toEqual({ kind: 'void' });
  });

  it('counts a record in the outcome block and none after it', () => {
    expect(outcomeOf([entry(77, 3, 1, 2)], 1, at).kind).toBe('committed');
    expect(outcomeOf([entry(78, 3, 1, 2)], 1, at).kind).toBe('void');
  });

  it('ignores records of other rounds, without result, and empty slots', () => {
    const entries = [entry(70, 2, 1, 2), entry(70, 3, 2, null), { block: 70, record: null }];
    expect(outcomeOf(entries, 1, at)).toEqual({ kind: 'void' });
  });

  it('does not hang on the order of the witnesses', () => {
    const record = fc.tuple(
      fc.integer({ min: 60, max: 80 }),
      fc.integer({ min: 2, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      fc.option(fc.integer({ min: 1, max: 3 })),
    );
    fc.assert(
      fc.property(fc.array(record, { maxLength: 9 }), fc.nat(), (records, turn) => {
        const entries = records.map((args) => entry(...args));
        const by = turn % Math.max(1, entries.length);
        const other = [...entries.slice(by), ...entries.slice(0, by)].reverse();
        expect(outcomeOf(other, 9, at)).toEqual(outcomeOf(entries, 9, at));
        const base = { block: 90, outcomeBlockOf: outcomeBlockOfRound };
        expect(currentBase(other, 5, base)).toBe(currentBase(entries, 5, base));
      }),
      { seed: 31, numRuns: runs },
    );
  });

  it('never commits two ids', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 7 }), (results) => {
        const entries = results.map((result) => entry(70, 3, 1, result));
        const outcome = outcomeOf(entries, results.length, at);
        const most = Math.max(0, ...[1, 2, 3].map((n) => results.filter((one) => one === n).length));
        expect(outcome.kind === 'committed').toBe(most > results.length / 2);
      }),
      { seed: 32, numRuns: runs },
    );
  });
});

describe('current base', () => {
  const base = (entries: readonly WitnessEntry[], witnesses: number, block: number) =>
    currentBase(entries, witnesses, { block, outcomeBlockOf: outcomeBlockOfRound });

  it('is unknown before the first commit', () => {
    expect(base([], 3, 100)).toBeNull();
  });

  it('is the result from its outcome block on, and the parent until then', () => {
    expect(base([entry(70, 3, 1, 2)], 1, 76)).toBe(id(1));
    expect(base([entry(70, 3, 1, 2)], 1, 77)).toBe(id(2));
  });

  it('is the parent where the result came too late', () => {
    expect(base([entry(78, 3, 1, 2)], 1, 90)).toBe(id(1));
  });

  it('stays while only some witnesses have written the next round', () => {
    const entries = [entry(90, 4, 2, 5), entry(70, 3, 1, 2), entry(70, 3, 1, 2)];
    expect(base(entries, 3, 98)).toBe(id(2));
  });

  it('moves on when more than half have', () => {
    const entries = [entry(90, 4, 2, 5), entry(91, 4, 2, 5), entry(70, 3, 1, 2)];
    expect(base(entries, 3, 98)).toBe(id(5));
  });

  it('is what rewrites after the outcome name as parent', () => {
    expect(base([entry(200, 9, 2, null), entry(70, 3, 1, 2), entry(201, 9, 2, null)], 3, 300)).toBe(id(2));
  });

  it('is not turned back by one liar who names an old base as the result of a void round', () => {
    const entries = [entry(110, 5, 5, 2), entry(90, 4, 2, 5), entry(91, 4, 2, 5)];
    expect(base(entries, 3, 130)).toBe(id(5));
  });
});
