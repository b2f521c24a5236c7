import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScoreModel } from '../../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import type { Receipt, Roster } from '../../../src-shared/rounds/messages.ts';
import { returnedShares, takenShares } from '../../../src-shared/scoring/all-reduce.ts';
import {
  bandwidthAtRate,
  bandwidthOfChallenge,
  ratesFromReceipts,
  scoreOfTransfer,
} from '../../../src-shared/scoring/bandwidth.ts';
import { encodeCards, MAX_CARDS, MAX_CARDS_CHARS, parseCards } from '../../../src-shared/scoring/cards.ts';
import { moveAverage } from '../../../src-shared/scoring/moving-average.ts';
import { scoreOf } from '../../../src-shared/scoring/score-model.ts';
import { impossibleWork, stepsScores } from '../../../src-shared/scoring/steps.ts';
import {
  brokenAverages,
  chainWeights,
  evidenceSince,
  ruledWeights,
  weightsDue,
} from '../../../src-shared/scoring/weights.ts';
import type { AverageManifest } from '../../../src-shared/spool.ts';
import { hex, type Ss58, ss58 } from '../../../src-shared/units.ts';
import { runs } from '../../runs.ts';

const numRuns = runs(500, 5_000);
const peer = (name: string): Ss58 => ss58(`5${name}`.padEnd(48, 'x'));
const { consensus } = practiceProfile({
  witness: peer('w'),
  ownerColdkey: peer('o'),
  endpoint: 'x',
  bootstrap: [],
});
const model = consensus.scoreModel;
const full = { identity: 1, gradient: 0.9, steps: 1, bandwidth: 0.8, allReduce: 1 };

describe('score model', () => {
  it('multiplies the gates with the weighted parts', () => {
    expect(scoreOf(model, full)).toBeCloseTo(0.9 * (0.5 + 0.2 + 0.25));
  });

  it('leaves out what nobody could measure and rescales the rest', () => {
    expect(scoreOf(model, { ...full, bandwidth: null, allReduce: null })).toBeCloseTo(0.9);
    expect(scoreOf(model, { ...full, steps: null })).toBeCloseTo(0.9 * 0.9);
  });

  it('is 0 where gradient or identity were not measured: these are never left out', () => {
    expect(scoreOf(model, { ...full, gradient: null })).toBe(0);
    expect(scoreOf(model, { ...full, identity: null })).toBe(0);
  });

  it('is unknown where no part was measured', () => {
    expect(scoreOf(model, { identity: 1, gradient: 1 })).toBeNull();
  });

  it('follows whatever terms the profile names', () => {
    const other: ScoreModel = {
      ...model,
      gates: ['identity', 'honesty'],
      parts: [{ term: 'gradient', weight: 1 }],
    };
    expect(scoreOf(other, { identity: 1, honesty: 0.5, gradient: 0.8 })).toBeCloseTo(0.4);
    expect(scoreOf(other, { identity: 1, honesty: null, gradient: 0.8 })).toBeCloseTo(0.8);
  });

  it('reproduces the era A rewards of the fixtures', () => {
    const a: ScoreModel = {
      ...model,
      gates: ['identity'],
      parts: [
        { term: 'work', weight: 0.5 },
        { term: 'allReduce', weight: 0.5 },
      ],
    };
    // Fixture 3: gradient times steps as one term, half of each.
    const norm = Math.hypot(500, 500, 400, 0, 250);
    const terms = [500, 500, 400, 0, 250].map((steps, uid) => ({
      identity: [1, 1, 1, 1, 0][uid]!,
      work: ([0.98, 0.8, 0.99, 0, 0.76][uid]! * steps) / norm,
      allReduce: [1, 0, 1, 0, 1][uid]!,
    }));
    const rewards = terms.map((one) => scoreOf(a, one)!);
    for (const [i, value] of [0.7882352941, 0.2352941176, 0.7329411765, 0, 0].entries())
      expect(rewards[i]).toBeCloseTo(value, 9);
    const sum = rewards.reduce((all, one) => all + one, 0);
    const averages = rewards.map((one) => moveAverage(0.2, one / sum, 0.05));
    for (const [i, value] of [0.21243804, 0.19669792, 0.21086403, 0.19, 0.19].entries())
      expect(averages[i]).toBeCloseTo(value, 7);
    const without = terms.map((one) => scoreOf(a, { ...one, allReduce: null })!);
    for (const [i, value] of [0.5764705882, 0.4705882353, 0.4658823529, 0, 0].entries())
      expect(without[i]).toBeCloseTo(value, 9);
  });

  it('reproduces the era B2 totals, averages and weights of the fixtures', () => {
    const b2: ScoreModel = {
      ...model,
      gates: ['identity'],
      parts: [
        { term: 'steps', weight: 0.75 },
        { term: 'allReduce', weight: 0.25 },
      ],
    };
    // Fixture 7: train and all-reduce scores as shares of their sums.
    const terms = [6, 3, 0, 1, 2].map((train, uid) => ({
      identity: uid === 4 ? 0 : 1,
      steps: train / 12,
      allReduce: uid === 3 ? 0 : 1 / 4,
    }));
    const totals = terms.map((one) => scoreOf(b2, one));
    for (const [i, value] of [0.4375, 0.25, 0.0625, 0.0625, 0].entries())
      expect(totals[i]).toBeCloseTo(value, 9);
    const first = totals.map((total) => moveAverage(null, total, 0.6));
    for (const [i, value] of [0.2625, 0.15, 0.0375, 0.0375, 0].entries())
      expect(first[i]).toBeCloseTo(value, 9);
    const next = totals.map((total, i) => moveAverage(first[i]!, i === 1 ? 0 : total, 0.6));
    for (const [i, value] of [0.3675, 0.06, 0.0525, 0.0525, 0].entries())
      expect(next[i]).toBeCloseTo(value, 9);
    expect(chainWeights(next.map((average, uid) => ({ uid, average })))).toEqual([
      { uid: 0, weight: 65_535 },
      { uid: 1, weight: 10_700 },
      { uid: 2, weight: 9_362 },
      { uid: 3, weight: 9_362 },
    ]);
  });
});

describe('moving average', () => {
  it('is not touched by what was not measured', () => {
    expect(moveAverage(0.4, null, 0.3)).toBe(0.4);
    expect(moveAverage(null, null, 0.3)).toBeNull();
  });

  it('follows fixture 3', () => {
    expect(moveAverage(0.2, 0.4487608835, 0.05)).toBeCloseTo(0.21243804, 7);
    expect(moveAverage(0.2, 0, 0.05)).toBeCloseTo(0.19, 9);
  });
});

describe('bandwidth', () => {
  it('is 1 - t/T as in fixture 4', () => {
    const scores = [600, 3_000, 15_000, 29_900, 31_000].map((ms) => scoreOfTransfer(ms, model.bandwidth));
    for (const [i, value] of [0.98, 0.9, 0.5, 0.0033333, 0].entries())
      expect(scores[i]).toBeCloseTo(value, 6);
  });

  it('of a rate is that of the time it needs for the profile’s bytes', () => {
    expect(bandwidthAtRate(8 * 1024 * 1024, model.bandwidth)).toBeCloseTo(1 - 1 / 30);
    expect(bandwidthAtRate(0, model.bandwidth)).toBe(0);
  });

  it('of a challenge takes the slower direction, scaled, and is 0 beyond the latency limit', () => {
    const challenge = { latencyMs: 10, downMs: 100, upMs: 375 };
    expect(bandwidthOfChallenge(challenge, 1_048_576, model.bandwidth)).toBeCloseTo(0.9);
    expect(bandwidthOfChallenge({ ...challenge, latencyMs: 501 }, 1_048_576, model.bandwidth)).toBe(0);
  });

  const receipt = (from: string, to: string, bytes: number, durationMs: number): Receipt => ({
    round: 1,
    from: peer(from),
    to: peer(to),
    bytes,
    durationMs,
    countersigned: true,
  });

  it('from receipts is the median over counterparties times their number, so one slow or friendly one decides nothing', () => {
    const receipts = [
      receipt('a', 'b', 1_000, 1_000),
      receipt('a', 'c', 2_000, 1_000),
      receipt('a', 'd', 9_000_000, 1),
      receipt('b', 'a', 500, 1_000),
    ];
    expect(ratesFromReceipts(receipts, peer('a'))).toEqual({
      upBytesPerS: 6_000,
      downBytesPerS: 500,
      counterparties: 3,
    });
  });

  it('takes all receipts of one counterparty together and passes over empty ones', () => {
    const receipts = [
      receipt('a', 'b', 1_000, 1_000),
      receipt('a', 'b', 3_000, 1_000),
      receipt('a', 'c', 0, 10),
      receipt('a', 'd', 10, 0),
    ];
    expect(ratesFromReceipts(receipts, peer('a'))).toEqual({
      upBytesPerS: 2_000,
      downBytesPerS: null,
      counterparties: 1,
    });
  });
});

describe('steps', () => {
  const claims = (...sequences: number[]) =>
    sequences.map((value, i) => ({
      hotkey: peer(`m${i + 1}`),
      sequences: value,
      gradient: value > 0 ? 1 : 0,
    }));

  it('is 1 for average miners, whatever their number', () => {
    for (const count of [1, 3, 50])
      for (const score of stepsScores(claims(...Array(count).fill(77))).values())
        expect(score).toBeCloseTo(1);
  });

  it('keeps the proportions of fixture 2 and ends at 2', () => {
    const scores = [...stepsScores(claims(500, 500, 400, 0, 250)).values()];
    const l2 = [0.5882352941, 0.5882352941, 0.4705882353, 0, 0.2941176471];
    // Root mean square over the four that count, instead of the L2 norm: twice the fixture's value.
    for (const [i, value] of l2.entries()) expect(scores[i]).toBeCloseTo(2 * value, 8);
    expect(Math.max(...stepsScores(claims(1, 1, 1, 1, 1, 1, 1, 1, 100)).values())).toBe(2);
  });

  it('is 0 without a gradient that counts, and such claims move nobody else', () => {
    const cheat = { hotkey: peer('cheat'), sequences: 1e9, gradient: 0 };
    const scores = stepsScores([...claims(10, 10), cheat]);
    expect(scores.get(cheat.hotkey)).toBe(0);
    expect(scores.get(peer('m1'))).toBeCloseTo(1);
  });

  it('stays within 0 and 2', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1e6), { maxLength: 60 }), (sequences) => {
        for (const score of stepsScores(claims(...sequences)).values()) {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(2);
        }
      }),
      { numRuns },
    );
  });

  const sha256 = hex('ab'.repeat(32));
  const record = {
    round: 1,
    hotkey: 'a',
    pages: [{ index: 4, sequences: 20, sha256 }],
    steps: 10,
    sequences: 20,
    sketches: [[1], [2]],
  };

  it('cannot claim more than steps, pages and the round allow', () => {
    expect(impossibleWork(record, consensus)).toBeNull();
    expect(impossibleWork({ ...record, sequences: 0 }, consensus)).toBe('nothing-trained');
    expect(impossibleWork({ ...record, sequences: 21 }, consensus)).toBe('more-than-steps');
    expect(impossibleWork({ ...record, steps: 11, sequences: 21 }, consensus)).toBe('more-than-pages');
    expect(impossibleWork({ ...record, steps: 65 }, consensus)).toBe('too-many-steps');
    const twice = { ...record, pages: [...record.pages, ...record.pages] };
    expect(impossibleWork(twice, consensus)).toBe('page-twice');
    const large = { ...record, pages: [{ index: 4, sequences: 65, sha256 }] };
    expect(impossibleWork(large, consensus)).toBe('page-overfull');
    expect(impossibleWork({ ...record, sketches: [[1]] }, consensus)).toBe('sketches-missing');
  });
});

describe('all-reduce', () => {
  const roster = {
    members: [1, 1, 1, 0].map((weight, i) => ({
      hotkey: peer(`m${i + 1}`),
      weight,
      firstChunk: i * 2,
      chunkCount: weight * 2,
    })),
  } as unknown as Roster;
  const manifest = (...contributors: (number | null)[]): AverageManifest => ({
    round: 1,
    rosterDigest: hex('00'.repeat(32)),
    self: null,
    elements: 6,
    chunkElements: 1,
    chunks: contributors.map((bits, chunk) =>
      bits === null
        ? null
        : {
            reducer: chunk >> 1,
            contributors: bits.toString(16).padStart(16, '0'),
            divisor: 3,
            digest: hex('00'.repeat(32)),
          },
    ),
  });
  const shares = (...bits: (number | null)[]) => [...takenShares(manifest(...bits), roster).values()];

  it('is 1 for who reached everybody, and unknown for who sends nothing', () => {
    expect(shares(7, 7, 7, 7, 7, 7)).toEqual([1, 1, 1, null]);
  });

  it('leaves the lowest reducer out', () => {
    // Reducer 2 dropped the first member; reducer 3 took it.
    expect(shares(7, 7, 6, 6, 7, 7)[0]).toBe(1);
  });

  it('is 0 for who is listed and silent', () => {
    expect(shares(6, 6, 6, 6, 6, 6)[0]).toBe(0);
  });

  it('does not count what a reducer takes of itself, nor chunks without result', () => {
    expect(shares(7, 7, 6, 6, 6, 6)[0]).toBe(0);
    expect(shares(7, 7, null, null, 7, 6)[0]).toBe(0.5);
    expect(shares(null, null, null, null, null, null)[0]).toBeNull();
  });

  it('knows what each reducer returned; 1 for who reduces none', () => {
    expect([...returnedShares(manifest(7, 7, 7, null, null, null), roster).values()]).toEqual([1, 0.5, 0, 1]);
  });

  it('counts what a standby returned for it, and against the reducer', () => {
    const whole = manifest(7, 7, 7, 7, 7, 7);
    const chunks = whole.chunks.map((entry, chunk) =>
      entry && chunk > 1 ? { ...entry, reducer: 2 } : entry,
    );
    expect([...returnedShares({ ...whole, chunks }, roster).values()]).toEqual([1, 0, 1, 1]);
  });
});

describe('weights', () => {
  it('are due after more blocks than the limit when something changed, and repeated in time', () => {
    const at = { lastUpdate: 100, rateLimit: 5, refreshBlocks: 50 };
    expect(weightsDue({ ...at, block: 105, changed: true })).toBe(false);
    expect(weightsDue({ ...at, block: 106, changed: true })).toBe(true);
    expect(weightsDue({ ...at, block: 106, changed: false })).toBe(false);
    expect(weightsDue({ ...at, block: 150, changed: false })).toBe(true);
  });

  it('count an average that is no number as 0, name its uid and leave the others theirs', () => {
    const averages = [
      { uid: 1, average: Number.NaN },
      { uid: 2, average: 0.5 },
      { uid: 3, average: Number.POSITIVE_INFINITY },
      { uid: 4, average: 1 },
      { uid: 5, average: null },
    ];
    expect(chainWeights(averages)).toEqual([
      { uid: 2, weight: 32_768 },
      { uid: 4, weight: 65_535 },
    ]);
    expect(brokenAverages(averages)).toEqual([1, 3]);
    expect(chainWeights([{ uid: 1, average: Number.NaN }])).toEqual([]);
  });

  it('are none while nobody has earned any', () => {
    expect(
      chainWeights([
        { uid: 1, average: 0 },
        { uid: 2, average: null },
      ]),
    ).toEqual([]);
  });
});

describe('weights by the rules of a subnet', () => {
  const free = { minAllowed: 1, maxLimit: 65_535 };
  const of = (...averages: readonly (number | null)[]) => averages.map((average, uid) => ({ uid, average }));
  const uids = (count: number) => Array.from({ length: count }, (_, uid) => uid);
  const sharesOf = (made: ReturnType<typeof ruledWeights>) => {
    if (made.kind !== 'weights') return made.kind;
    const sum = made.weights.reduce((all, { weight }) => all + weight, 0);
    return made.weights.map(({ weight }) => weight / sum);
  };

  it('hold one to its most share, as in fixture 7', () => {
    const shares = sharesOf(ruledWeights(of(0.6, 0.2, 0.1, 0.1), uids(4), { ...free, maxLimit: 26_214 }));
    for (const [i, value] of [0.4, 0.3, 0.15, 0.15].entries()) expect(shares[i]).toBeCloseTo(value, 4);
  });

  it('name as many uids as there have to be, and give nothing to who earned nothing', () => {
    const made = ruledWeights(of(0.5, 0, null, 1), [3, 2, 1, 0], { ...free, minAllowed: 3 });
    expect(made).toEqual({
      kind: 'weights',
      weights: [
        { uid: 0, weight: 32_768 },
        { uid: 2, weight: 0 },
        { uid: 3, weight: 65_535 },
      ],
    });
    const all = ruledWeights(of(1, 0), uids(2), { ...free, minAllowed: 64 });
    expect(all.kind === 'weights' && all.weights.map(({ weight }) => weight)).toEqual([65_535, 0]);
  });

  it('are none where nobody earned any, and never the same for all', () => {
    for (const none of [
      of(),
      of(0, 0),
      of(null),
      of(Number.NaN, Number.NaN),
      of(-1, Number.POSITIVE_INFINITY),
    ])
      expect(ruledWeights(none, uids(3), { minAllowed: 3, maxLimit: 30_000 })).toEqual({
        kind: 'nothing-earned',
      });
  });

  it('are none where too few earned any for the limit on one', () => {
    expect(ruledWeights(of(1, 0.1, 0), uids(9), { minAllowed: 1, maxLimit: 20_000 })).toEqual({
      kind: 'below-minimum',
      needed: 4,
      earned: 2,
    });
  });

  it('keep every rule, whatever was earned, and the order of what was', () => {
    const averages = fc.array(
      fc.oneof(fc.constant(null), fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true })),
      {
        minLength: 1,
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(
        averages,
        fc.nat(64),
        fc.integer({ min: 1, max: 65_535 }),
        (earned, minAllowed, maxLimit) => {
          const made = ruledWeights(of(...earned), uids(earned.length), { minAllowed, maxLimit });
          if (made.kind !== 'weights') return;
          const sum = made.weights.reduce((all, { weight }) => all + weight, 0);
          expect(made.weights.length).toBeGreaterThanOrEqual(Math.min(minAllowed, earned.length));
          expect(new Set(made.weights.map(({ uid }) => uid)).size).toBe(made.weights.length);
          for (const { uid, weight } of made.weights) {
            expect(Number.isInteger(weight) && weight >= 0 && weight <= 65_535).toBe(true);
            // As the chain checks it.
            if (maxLimit < 65_535) expect(weight * 65_535).toBeLessThanOrEqual(maxLimit * sum);
            if (!earned[uid]) expect(weight).toBe(0);
            for (const other of made.weights)
              if ((earned[uid] ?? 0) > (earned[other.uid] ?? 0))
                expect(weight).toBeGreaterThanOrEqual(other.weight);
          }
        },
      ),
      { numRuns },
    );
  });

  it('need the work of three to have been checked, or of all where fewer work', () => {
    const seen = (workedBlock: number | null, checkedBlock: number | null) => ({ workedBlock, checkedBlock });
    const many = [seen(50, 50), seen(50, 50), seen(50, 9), seen(50, null)];
    expect(evidenceSince(many, 10)).toEqual({ checked: 2, needed: 3 });
    expect(evidenceSince([seen(50, 50), seen(3, 3)], 10)).toEqual({ checked: 1, needed: 1 });
    expect(evidenceSince([seen(3, 3)], 10)).toEqual({ checked: 0, needed: 1 });
    expect(evidenceSince([], 10)).toEqual({ checked: 0, needed: 1 });
  });
});

describe('score cards', () => {
  const card = (i: number) => ({
    hotkey: peer([...String(i)].map((digit) => 'abcdefghij'[Number(digit)]).join('')),
    uid: i,
    total: 0.5,
    average: i / 1_000,
    weightShare: 1,
    terms: {
      steps: {
        value: 1,
        why: { code: 'work-impossible' as const, params: { reason: 'x'.repeat(64), other: 'y'.repeat(64) } },
      },
    },
  });
  const set = { validator: peer('w'), round: 3, updatedAtMs: 5 };

  it('are read as they were written', () => {
    const cards = [card(1), card(0)];
    expect(parseCards(encodeCards({ ...set, cards }), peer('w'))).toEqual({ ...set, cards });
  });

  it('are read from a version that gives other reasons, which are then unknown', () => {
    const cards = [{ ...card(1), terms: { steps: { value: 1, why: 'A sentence.' } } }];
    const parsed = parseCards(encodeCards({ ...set, cards: cards as never }), peer('w'));
    expect(parsed?.cards[0]?.terms.steps).toEqual({ value: 1, why: { code: 'unknown', params: {} } });
  });

  it('stay within their bound and keep the highest', () => {
    const json = encodeCards({ ...set, cards: Array.from({ length: 900 }, (_, i) => card(i)) });
    expect(json.length).toBeLessThanOrEqual(MAX_CARDS_CHARS);
    const parsed = parseCards(json, peer('w'));
    expect(parsed?.cards[0]?.uid).toBe(899);
    expect(parsed?.cards.length).toBeLessThanOrEqual(MAX_CARDS);
  });

  it('are refused from another validator, malformed or oversized', () => {
    expect(parseCards(encodeCards({ ...set, cards: [] }), peer('v'))).toBeNull();
    expect(parseCards('{', peer('w'))).toBeNull();
    expect(parseCards(JSON.stringify({ ...set, cards: [{ uid: -1 }] }), peer('w'))).toBeNull();
    expect(parseCards(' '.repeat(MAX_CARDS_CHARS + 1), peer('w'))).toBeNull();
  });
});
