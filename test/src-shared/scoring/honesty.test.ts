import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src-node/sha256.ts';
import { type Checkable, DEFAULT_CHECKS, drawnForCheck } from '../../../src-shared/scoring/checks.ts';
import { harms, helps, honestyOf, withDraw } from '../../../src-shared/scoring/honesty.ts';
import { hex, ss58 } from '../../../src-shared/units.ts';
import { runs } from '../../runs.ts';

const draws = (helped: number, of: number) => Array.from({ length: of }, (_, i) => i < helped);
/** Of a round of which nothing came, where not said otherwise. */
const losses = (own: number, random: number, agreed: { own?: number; random?: number } = {}) => ({
  assigned: { before: 6, after: 6 - own, agreed: 6 - (agreed.own ?? 0) },
  random: { before: 5, after: 5 - random, agreed: 5 - (agreed.random ?? 0) },
});

describe('honesty', () => {
  it('is 2a - 1 of the share of draws that helped, over what that is at the full share', () => {
    // A profile of before names no full share.
    const { fullShare: _, ...full } = DEFAULT_CHECKS;
    expect(honestyOf(draws(32, 32), full)).toBe(1);
    expect(honestyOf(draws(24, 32), full)).toBe(0.5);
    expect(honestyOf(draws(6, 10), full)).toBeCloseTo(0.2);
    expect(honestyOf(draws(24, 32), DEFAULT_CHECKS)).toBeCloseTo(0.5 / 0.9);
  });

  it('is whole with one look of 32 that found no help, and less with two', () => {
    expect(honestyOf(draws(31, 32), DEFAULT_CHECKS)).toBe(1);
    expect(honestyOf(draws(30, 32), DEFAULT_CHECKS)).toBeLessThan(1);
  });

  it('is nothing below the least share, and half before there are draws enough', () => {
    expect(honestyOf(draws(19, 32), DEFAULT_CHECKS)).toBe(0);
    expect(honestyOf(draws(0, 8), DEFAULT_CHECKS)).toBe(0);
    expect(honestyOf(draws(0, 7), DEFAULT_CHECKS)).toBe(0.5);
    expect(honestyOf([], DEFAULT_CHECKS)).toBe(0.5);
  });

  it('forgets what is older than the newest 32 draws', () => {
    const bad = draws(0, 32);
    const after = Array.from({ length: 32 }).reduce<readonly boolean[]>(
      (all) => withDraw(all, true, DEFAULT_CHECKS),
      bad,
    );
    expect(after).toEqual(draws(32, 32));
    expect(honestyOf([...bad, ...draws(32, 32)], DEFAULT_CHECKS)).toBe(1);
  });

  it('is another matter than harm, which is done by what lowers the loss of not even its own text', () => {
    expect(harms(losses(-0.1, 0.2))).toBe(true);
    expect(harms(losses(0, 0.2))).toBe(true);
    // A copy of the round's own result, and work that others are ahead of.
    expect(harms(losses(0.1, 0.1, { own: 0.1, random: 0.1 }))).toBe(false);
    expect(harms(losses(0.1, -0.3, { own: 0.4 }))).toBe(false);
    expect(harms(losses(Number.NaN, 0))).toBe(true);
  });

  it('never falls when one more contribution helps', () => {
    const some = fc.array(fc.boolean(), { minLength: 8, maxLength: 64 });
    fc.assert(
      fc.property(some, (all) => {
        const before = honestyOf(all, DEFAULT_CHECKS);
        expect(before).toBeGreaterThanOrEqual(0);
        expect(before).toBeLessThanOrEqual(1);
        expect(honestyOf(withDraw(all, true, DEFAULT_CHECKS), DEFAULT_CHECKS)).toBeGreaterThanOrEqual(before);
      }),
      { numRuns: runs(200) },
    );
  });
});

describe('a contribution helps', () => {
  it('where it lowers the loss of its own text, and by more than that of a random one', () => {
    expect(helps(losses(0.2, 0.1), { margin: 0 })).toBe(true);
    expect(helps(losses(0.1, 0.2), { margin: 0 })).toBe(false);
    expect(helps(losses(-0.1, -0.2), { margin: 0 })).toBe(false);
    expect(helps(losses(0.2, 0.2), { margin: 0 })).toBe(false);
  });

  it('also where the random text is easier, which shows in what came of the round', () => {
    expect(helps(losses(1.8, 2, { own: 1.6, random: 2.1 }), { margin: 0.1 })).toBe(true);
    expect(helps(losses(2, 1.8, { own: 2.1, random: 1.6 }), { margin: 0.1 })).toBe(false);
  });

  it('not where it is what came of the round', () => {
    expect(helps(losses(0.5, 0.3, { own: 0.5, random: 0.3 }), { margin: 0 })).toBe(false);
  });

  it('where it is ahead by the share that the profile asks for', () => {
    expect(helps(losses(0.2, 0.1), { margin: 0.4 })).toBe(true);
    expect(helps(losses(0.2, 0.1), { margin: 0.6 })).toBe(false);
    expect(helps(losses(0.2, -0.1), { margin: 0.6 })).toBe(true);
  });

  it('not where a loss is no number', () => {
    expect(helps(losses(Number.NaN, 0.1), { margin: 0 })).toBe(false);
    expect(helps(losses(0.2, Number.NaN), { margin: 0 })).toBe(false);
  });
});

const hotkeyOf = (uid: number) => ss58(`5${uid}`.padEnd(48, 'x'));
const checkable = (count: number): Checkable[] =>
  Array.from({ length: count }, (_, uid) => ({ uid, hotkey: hotkeyOf(uid) }));
const seedOf = (round: number) => hex(round.toString(16).padStart(64, '0'));

describe('who is checked', () => {
  const at = (round: number, over = {}) => ({
    round,
    seed: seedOf(round),
    everyRounds: 16,
    most: 16,
    ...over,
  });

  it('is every uid once in the profile’s time, and no more than the bound in any round', () => {
    const all = checkable(256);
    const seen = new Set<number>();
    for (let round = 100; round < 116; round++) {
      const drawn = drawnForCheck(all, at(round), sha256);
      expect(drawn).toHaveLength(16);
      for (const { uid } of drawn) seen.add(uid);
    }
    expect(seen.size).toBe(256);
  });

  it('is the same for all validators, whatever order they list miners in', () => {
    const shuffled = fc.shuffledSubarray(checkable(40), { minLength: 40 });
    fc.assert(
      fc.property(shuffled, fc.nat({ max: 1_000 }), (some, round) => {
        const drawn = drawnForCheck(some, at(round), sha256);
        expect(drawn).toEqual(drawnForCheck(checkable(40), at(round), sha256));
      }),
      { numRuns: runs(50) },
    );
  });

  it('hangs on the seed beyond those whose turn it is, so that nobody is ever safe', () => {
    const all = checkable(64);
    const drawnBy = (seed: number) =>
      new Set(drawnForCheck(all, at(5, { seed: seedOf(seed) }), sha256).map(({ uid }) => uid));
    const times = new Map<number, number>();
    for (let seed = 0; seed < 200; seed++)
      for (const uid of drawnBy(seed)) times.set(uid, (times.get(uid) ?? 0) + 1);
    for (const uid of [5, 21, 37, 53]) expect(times.get(uid)).toBe(200);
    const others = checkable(64).filter(({ uid }) => uid % 16 !== 5);
    // 12 of 60 each time: 40 of 200 for each.
    for (const { uid } of others) expect(times.get(uid) ?? 0).toBeGreaterThan(10);
  });

  it('is all where they are no more than the bound', () => {
    expect(drawnForCheck(checkable(5), at(1), sha256)).toHaveLength(5);
    expect(drawnForCheck([], at(1), sha256)).toEqual([]);
  });
});
