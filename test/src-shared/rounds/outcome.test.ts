import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namedBase, outcomeOf, type WitnessEntry } from '../../../src-shared/rounds/outcome.ts';
import { type Hex, hex } from '../../../src-shared/units.ts';
import { runs } from '../../runs.ts';

const numRuns = runs(500, 5_000);
const tag = hex('00'.repeat(8));
const id = (n: number): Hex => hex(n.toString(16).padStart(64, '0'));
const outcomeBlockOfRound = (round: number): number => 20 * round + 17;
const entry = (block: number, round: number, parent: number, result: number | null): WitnessEntry => ({
  block,
  record: { tag, round, parentId: id(parent), resultId: result === null ? null : id(result) },
});
const clockAt = (block: number) => ({
  block,
  newestOutcome: Math.floor((block - 17) / 20),
  outcomeBlockOf: outcomeBlockOfRound,
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
        expect(namedBase(other, 9, clockAt(90))).toEqual(namedBase(entries, 9, clockAt(90)));
      }),
      { numRuns },
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
      { numRuns },
    );
  });
});

describe('the base that a state names', () => {
  const base = (entries: readonly WitnessEntry[], witnesses: number, block: number) =>
    namedBase(entries, witnesses, clockAt(block));
  const committed = (n: number) => ({ kind: 'committed', id: id(n) });

  it('is the first one while too few have ever written for a commit', () => {
    expect(base([], 3, 100)).toEqual({ kind: 'first' });
    expect(base([entry(70, 3, 1, 2), { block: 70, record: null }], 3, 100)).toEqual({ kind: 'first' });
  });

  it('is the result from its outcome block on, and the parent until then', () => {
    expect(base([entry(70, 3, 1, 2)], 1, 76)).toEqual(committed(1));
    expect(base([entry(70, 3, 1, 2)], 1, 77)).toEqual(committed(2));
  });

  it('is not named by a result that came too late, neither by it nor by its parent', () => {
    expect(base([entry(78, 3, 1, 2)], 1, 90)).toEqual({ kind: 'unknown' });
  });

  it('is what rewrites after the outcome name as parent', () => {
    const entries = [entry(200, 15, 2, null), entry(70, 3, 1, 2), entry(201, 15, 2, null)];
    expect(base(entries, 3, 300)).toEqual(committed(2));
  });

  it('needs votes of one round: those of two rounds never add up', () => {
    const entries = [entry(70, 3, 1, 2), entry(90, 4, 1, 2), entry(95, 4, 1, 9)];
    expect(base(entries, 3, 130)).toEqual({ kind: 'unknown' });
  });

  it('is not made by one honest vote that came to nothing and one lie that names it as parent', () => {
    const entries = [entry(70, 3, 1, 2), entry(90, 4, 2, null), entry(90, 4, 1, null)];
    expect(base(entries, 3, 130)).toEqual({ kind: 'unknown' });
  });

  it('is not named by parents that are older than a record that names another', () => {
    const entries = [entry(90, 4, 1, null), entry(91, 4, 1, null), entry(130, 6, 9, null)];
    expect(base(entries, 3, 140)).toEqual({ kind: 'unknown' });
    const rewritten = [entry(150, 6, 1, null), entry(151, 6, 1, null), entry(130, 6, 9, null)];
    expect(base(rewritten, 3, 160)).toEqual(committed(1));
  });

  it('is not turned by a record of a round that has not begun', () => {
    const entries = [entry(90, 4, 1, null), entry(91, 4, 1, null), entry(91, 6, 9, null)];
    expect(base(entries, 3, 97)).toEqual(committed(1));
    expect(base([entry(91, 6, 9, null)], 1, 97)).toEqual({ kind: 'unknown' });
  });

  it('is not turned back by one liar who votes for an old base in a void round', () => {
    const entries = [entry(110, 5, 5, 2), entry(118, 6, 5, null), entry(119, 6, 5, null)];
    expect(base(entries, 3, 130)).toEqual(committed(5));
  });
});
