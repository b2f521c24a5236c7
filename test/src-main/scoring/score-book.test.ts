import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { cardsOf, scoreRound } from '../../../src-main/scoring/score-book.ts';
import { type Consensus, consensusSchema } from '../../../src-shared/profile/schema.ts';
import { encodeCards, parseCards } from '../../../src-shared/scoring/cards.ts';
import { why } from '../../../src-shared/scoring/why.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { fakeChain } from '../../fakes/fake-chain.ts';
import { addressOf, consensus, miners, witness } from '../rounds/machine-bench.ts';
import { bookAfter, type Conduct, found } from './played-rounds.ts';

const [anna, bob, carmen] = miners as [Ss58, Ss58, Ss58, Ss58];
const newcomer = addressOf('newcomer');
const signal = new AbortController().signal;
const honest = new Map<Ss58, Conduct>(miners.map((hotkey) => [hotkey, {}]));
const but = (hotkey: Ss58, conduct: Conduct) => new Map(honest).set(hotkey, conduct);
/** Who holds which uid: the first is uid 0. */
const holding = (...hotkeys: readonly Ss58[]) =>
  fakeChain({ neurons: hotkeys.map((hotkey) => ({ hotkey })) }).metagraph(null, signal);

describe('scores are kept by hotkey', () => {
  it('who takes over a uid begins at nothing', async () => {
    const before = await bookAfter([await found(1, honest), await found(2, honest)]);
    const taken = new Map(
      [...honest].map(([hotkey, conduct]) => [hotkey === bob ? newcomer : hotkey, conduct]),
    );
    const neurons = await holding(witness, anna, newcomer, carmen);
    const after = await bookAfter([await found(3, taken, { neurons })], { book: before });
    expect(after.get(newcomer)!.uid).toBe(before.get(bob)!.uid);
    expect(after.get(newcomer)!.average).toBeCloseTo(0.3 * after.get(newcomer)!.total!);
  });

  it('who holds another uid keeps what it has', async () => {
    const before = await bookAfter([await found(1, honest), await found(2, honest)]);
    const neurons = await holding(witness, ...miners.toReversed());
    const same = await bookAfter([await found(3, honest)], { book: before });
    const moved = await bookAfter([await found(3, honest, { neurons })], { book: before });
    expect(moved.get(anna)!.uid).toBe(4);
    expect(moved.get(anna)!.average).toBe(same.get(anna)!.average);
  });

  it('who is registered no more stands on no card, fades, and comes back to what is left', async () => {
    const before = await bookAfter([await found(1, honest), await found(2, honest)]);
    const neurons = await holding(witness, bob, carmen);
    const gone = await bookAfter([await found(3, but(anna, { isResting: true }), { neurons })], {
      book: before,
    });
    expect(gone.get(anna)).toMatchObject({ uid: null, total: 0, absence: why('not-registered') });
    // Its peer is still connected, and speaks for nobody.
    expect(gone.get(anna)!.terms.identity).toEqual({ value: 0, why: why('not-registered') });
    expect(cardsOf(gone, consensus).map(({ hotkey }) => hotkey)).not.toContain(anna);
    const back = await bookAfter([await found(4, honest)], { book: gone });
    expect(back.get(anna)!.average).toBeCloseTo(
      0.3 * back.get(anna)!.total! + 0.49 * before.get(anna)!.average!,
    );
  });

  it('is forgotten once nothing is left of it', async () => {
    const neurons = await holding(witness, bob, carmen);
    const away = but(anna, { isAway: true });
    let book = await bookAfter([await found(1, honest)]);
    const known: number[] = [];
    for (let round = 2; round < 40; round++) {
      book = await bookAfter([await found(round, away, { neurons })], { book });
      if (book.has(anna)) known.push(book.get(anna)!.average!);
    }
    expect(known.at(-1)).toBeLessThan(0.001);
    expect(book.has(anna)).toBe(false);
  });
});

describe('a round without work', () => {
  it('counts nothing, tells who stayed connected from who is gone, and leaves what was measured', async () => {
    const before = await bookAfter([await found(1, honest)]);
    const rests = await bookAfter([await found(2, but(anna, { isResting: true }))], { book: before });
    expect(rests.get(anna)).toMatchObject({ total: 0, absence: why('present-without-work') });
    expect(rests.get(anna)!.average).toBeCloseTo(0.7 * before.get(anna)!.average!);
    const { gradient, steps } = cardsOf(rests, consensus).find(({ hotkey }) => hotkey === anna)!.terms;
    expect(steps).toEqual({ value: 0, why: why('present-without-work') });
    expect(gradient!.value).toBe(1);
    const gone = await bookAfter([await found(2, but(anna, { isAway: true }))], { book: before });
    expect(gone.get(anna)!.absence).toEqual(why('not-there'));
    // Back, and not checked: the last check stands.
    const unchecked = { checks: new Map([...(await found(3, honest)).checks].filter(([of]) => of !== anna)) };
    const back = await bookAfter([await found(3, honest, unchecked)], { book: gone });
    expect(back.get(anna)).toMatchObject({ absence: null, terms: { steps: { value: 1 } } });
  });

  it('says nothing of anybody where no roster came of it, until an epoch is over', async () => {
    const before = await bookAfter([await found(1, honest)]);
    const without = async (round: number) => {
      const one = await found(round, but(anna, { isAway: true }));
      return { ...one, manifest: null, round: { ...one.round, roster: null, committed: false } };
    };
    const near = await bookAfter([await without(2)], { book: before });
    expect(near.get(anna)!.average).toBe(before.get(anna)!.average);
    const far = await bookAfter([await without(20)], { book: before });
    expect(far.get(anna)).toMatchObject({ total: 0, absence: why('absent-for-an-epoch') });
  });

  it('is none of who stands in the roster: a validator that hears half of the swarm costs the other half nothing', async () => {
    const seen = async (round: number, half: readonly Ss58[]) => {
      const whole = await found(round, honest);
      const readies = whole.round.readies.filter(({ hotkey }) => half.includes(hotkey));
      const checks = new Map([...whole.checks].filter(([hotkey]) => half.includes(hotkey)));
      return { ...whole, checks, bound: new Set(half), round: { ...whole.round, readies } };
    };
    const before = await bookAfter([await found(1, honest)]);
    const halves = [miners.slice(0, 2), miners.slice(2)];
    for (const half of halves) {
      const book = await bookAfter([await seen(2, half), await seen(3, half)], { book: before });
      const all = miners.map((hotkey) => book.get(hotkey)!.average!);
      for (const average of all) expect(average).toBeCloseTo(all[0]!, 9);
      expect(all[0]).toBeGreaterThan(before.get(anna)!.average!);
    }
  });

  it('was none of who is left out of a full roster', async () => {
    const small = { ...consensus, group: { ...consensus.group, maxMembers: 3 } };
    const late = await found(1, but(anna, { isLate: true }));
    expect((await bookAfter([late], { consensus: small })).get(anna)!.terms.allReduce).toBeUndefined();
    expect((await bookAfter([late])).get(anna)!.terms.allReduce).toEqual({
      value: 0,
      why: why('not-in-roster'),
    });
  });
});

it('no number becomes no score: neither what was measured nor what was known before is spoilt', () => {
  const score = (value: number) => ({
    ...{ hotkey: anna, uid: 1, absence: null, scored: true, ready: true, challenged: false },
    terms: Object.fromEntries(
      ['identity', 'gradient', 'steps'].map((id) => [
        id,
        { value: id === 'steps' ? value : 1, why: why('unknown') },
      ]),
    ),
  });
  const before = scoreRound(new Map(), consensus, { round: 1, block: 1 }, [score(1)]);
  const after = scoreRound(before, consensus, { round: 2, block: 1 }, [score(Number.NaN)]);
  expect(after.get(anna)).toMatchObject({
    total: before.get(anna)!.total,
    average: before.get(anna)!.average,
  });
  const spoilt = { ...before.get(anna)!, average: Number.NaN };
  expect(
    scoreRound(new Map([[anna, spoilt]]), consensus, { round: 3, block: 1 }, [score(1)]).get(anna)!.average,
  ).toBeCloseTo(0.3);
});

describe('another score model', () => {
  const changed = {
    ...consensus,
    scoreModel: {
      ...consensus.scoreModel,
      name: 'other',
      terms: [
        { id: 'identity', label: 'Identity', meaning: 'Registered' },
        { id: 'steps', label: 'Work', meaning: 'Sequences' },
        { id: 'novelty', label: 'Novelty', meaning: 'Nobody here measures it' },
      ],
      gates: ['identity', 'novelty'],
      parts: [
        { term: 'steps', weight: 0.2 },
        { term: 'novelty', weight: 0.8 },
      ],
      movingAverage: 1,
    },
  };
  const other: Consensus = v.parse(consensusSchema, changed);

  it('comes by its profile alone: what nobody measures is drawn, and left out of the score', async () => {
    const liar = new Map([[bob, { round: 1, chunk: 2 }]]);
    const busy = but(carmen, { sequences: 40 });
    const book = await bookAfter([await found(1, busy, { frauds: liar })], { consensus: other });
    const card = (of: Ss58) => cardsOf(book, other).find(({ hotkey }) => hotkey === of)!;
    expect(Object.keys(card(anna).terms)).toEqual(['identity', 'steps', 'novelty']);
    expect(card(anna).terms.novelty).toEqual({ value: null, why: why('not-measured') });
    expect(card(carmen).total).toBe(card(carmen).terms.steps!.value);
    expect(card(carmen).average).toBeCloseTo(2 * card(anna).average!);
    // It does not ask for honesty, and so nobody loses by it.
    expect(card(bob).average).toBe(card(anna).average);
  });

  it('has its terms read from a card, of a validator that measures them', () => {
    const terms = { novelty: { value: 0.5, why: why('unknown') } };
    const card = { hotkey: anna, uid: 1, total: 0.5, average: 0.5, weightShare: 1, terms };
    const set = { validator: witness, round: 1, updatedAtMs: 1 };
    expect(parseCards(encodeCards({ ...set, cards: [card] }), witness)?.cards[0]?.terms).toEqual(terms);
  });

  it('may not name a term as every object names something', () => {
    const { scoreModel } = changed;
    const named = (id: string) => ({
      ...changed,
      scoreModel: { ...scoreModel, terms: [{ ...scoreModel.terms[0]!, id }] },
    });
    expect(v.is(consensusSchema, named('novelty'))).toBe(true);
    for (const id of ['constructor', '__proto__', 'toString', 'a b', ''])
      expect(v.is(consensusSchema, named(id))).toBe(false);
  });
});
