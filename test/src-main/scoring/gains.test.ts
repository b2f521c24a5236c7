import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { why } from '../../../src-shared/scoring/why.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { runs } from '../../runs.ts';
import { addressOf } from '../rounds/machine-bench.ts';
import { bookAfter, type Conduct, found, HELPED } from './played-rounds.ts';

const numRuns = runs(15, 300);
const ROUNDS = 4;
const NAMES = ['me', 'ann', 'bea', 'cec', 'dot', 'eve', 'fay', 'gus'].map(addressOf);
const [me] = NAMES as [Ss58];

/** A swarm of six or more, so that receipts have enough counterparties, and in which rounds one of them cheats. */
const played = fc.record({
  sequences: fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 6, maxLength: NAMES.length }),
  cheats: fc
    .array(fc.boolean(), { minLength: ROUNDS, maxLength: ROUNDS })
    .filter((all) => all.includes(true)),
  /** Chunks that another one fails to answer in each round: the work of standbys. */
  failed: fc.integer({ min: 0, max: 3 }),
});
type Played = typeof played extends fc.Arbitrary<infer T> ? T : never;

async function averageOf(
  { sequences, cheats, failed }: Played,
  conduct: Conduct,
  honestly: Conduct,
): Promise<number> {
  const rounds = cheats.map((isCheating, round) => {
    const others = sequences.map((count, i): [Ss58, Conduct] => [
      NAMES[i]!,
      i === 1 ? { sequences: count, answers: 4 - failed } : { sequences: count },
    ]);
    const own = { ...others[0]![1], ...honestly, ...(isCheating ? conduct : {}) };
    return found(round, new Map(others).set(me, own));
  });
  return (await bookAfter(await Promise.all(rounds))).get(me)?.average ?? 0;
}

/** What a conduct brings beyond the honest way, at most. */
async function greatestGain(conduct: Conduct, honestly: Conduct = {}): Promise<number> {
  let most = Number.NEGATIVE_INFINITY;
  await fc.assert(
    fc.asyncProperty(played, async (one) => {
      const gain = (await averageOf(one, conduct, honestly)) - (await averageOf(one, {}, honestly));
      most = Math.max(most, gain);
      expect(gain).toBeLessThanOrEqual(1e-12);
    }),
    { numRuns },
  );
  return most;
}

describe('a member gains nothing', () => {
  it('by being late', async () => expect(await greatestGain({ isLate: true })).toBeLessThan(0));
  it('by being away', async () => expect(await greatestGain({ isAway: true })).toBeLessThan(0));
  it('by resting while connected', async () =>
    expect(await greatestGain({ isResting: true })).toBeLessThan(0));
  it('by being listed and silent', async () =>
    expect(await greatestGain({ sendsTo: () => false })).toBeLessThan(0));
  it('by sending to some alone', async () =>
    expect(await greatestGain({ sendsTo: (reducer) => reducer > 2 })).toBeLessThan(0));
  it('by not answering its part', async () => expect(await greatestGain({ answers: 1 })).toBeLessThan(0));
  it('by refusing to stand in for another', async () =>
    expect(await greatestGain({ standsIn: 0 }, { standsIn: 3 })).toBeLessThanOrEqual(0));
  it('by a rate that it says is lower, and the smaller part that it gets for it', async () =>
    expect(await greatestGain({ part: 1 })).toBeLessThanOrEqual(0));
  it('by being as slow as it says', async () =>
    expect(await greatestGain({ part: 1, bytesPerS: 1_000_000 })).toBeLessThan(0));

  it('by being late with work that it only claims: no look is ever taken of it, and nothing is counted', async () => {
    const unknown = { drawsOf: (hotkey: Ss58) => (hotkey === me ? [] : HELPED) };
    const playing = async (own: Conduct) => {
      const others = NAMES.map((hotkey): [Ss58, Conduct] => [hotkey, {}]);
      const rounds = [0, 1, 2].map((round) => found(round, new Map(others).set(me, own), unknown));
      return (await bookAfter(await Promise.all(rounds))).get(me)!;
    };
    const late = await playing({ isLate: true, sequences: 1_000 });
    expect(late.terms.steps).toEqual({ value: 0, why: why('not-in-roster') });
    expect(late.average! / (await playing({})).average!).toBeLessThan(0.3);
  });

  it('by a contribution for which it claims no work, which no look could hold against any text', async () => {
    const conduct = { sequences: 0 };
    expect(await greatestGain(conduct)).toBeLessThan(0);
    // One step is what it costs: beside whoever did that and said so, it has nothing.
    const always = { sequences: [1, 20, 20, 20, 20, 20], cheats: [true, true, true, true], failed: 0 };
    expect(await averageOf(always, conduct, {})).toBe(0);
    expect(await averageOf(always, {}, {})).toBeGreaterThan(0);
  });

  it('by answering witnesses and checks alone: nothing of its work reached anybody, so it has no score at all', async () => {
    const conduct = { sendsTo: () => false, answers: 0 };
    expect(await greatestGain(conduct)).toBeLessThan(0);
    const always = { sequences: [20, 20, 20, 20, 20, 20], cheats: [true, true, true, true], failed: 0 };
    expect(await averageOf(always, conduct, {})).toBe(0);
  });
});
