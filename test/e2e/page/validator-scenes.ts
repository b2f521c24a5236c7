import type { ScoreCard } from '../../../src-shared/contract/page/runs.ts';
import type { View } from '../../../src-shared/contract/page/sections.ts';
import type {
  JudgedNeuron,
  Need,
  ValidationView,
  ValidatorNeeds,
} from '../../../src-shared/contract/page/validation.ts';
import type { WitnessRound, WitnessView } from '../../../src-shared/contract/page/witness.ts';
import { seatOf } from '../../../src-shared/economics/seat.ts';
import { type WhyCode, why } from '../../../src-shared/scoring/why.ts';
import { alphaRao, hex, rao, type Ss58 } from '../../../src-shared/units.ts';
import * as scenes from './scenes.ts';
import { hotkey } from './swarm-scenes.ts';

/** A subnet of this size, this validator at uid 2; three more validate. */
export const NEURONS = 64;
const VALIDATORS: ReadonlySet<number> = new Set([2, 7, 20, 41]);
const OWN_UID = 2;
const TAO = 1_000_000_000n;

const hotkeyOf = (uid: number): Ss58 => (uid === OWN_UID ? scenes.me : hotkey(uid));
const miners = Array.from({ length: NEURONS }, (_, uid) => uid).filter((uid) => !VALIDATORS.has(uid));

/** Asked for a piece of its state, one gave none, and one gave another's. */
const STOOD_OTHERWISE = new Map<number, WhyCode>([
  [13, 'state-foreign'],
  [14, 'state-silent'],
]);

function cardOf(uid: number): ScoreCard {
  const steps = 0.6 + ((uid * 37) % 80) / 100;
  const bandwidth = 0.4 + ((uid * 13) % 55) / 100;
  const made = scenes.card(hotkeyOf(uid), uid, [1, 0.985, steps, bandwidth, 0.97], 0);
  const weightShare = (made.average ?? 0) / 80;
  if (uid === 9) {
    const gradient = {
      value: 0,
      why: why('recomputed-disagree', { count: 10, agreement: 0.11, threshold: 0.75 }),
    };
    return { ...made, total: 0, average: 0, weightShare: 0, terms: { ...made.terms, gradient } };
  }
  const stood = STOOD_OTHERWISE.get(uid);
  if (stood) {
    const honesty = { value: 0, why: why(stood, { helped: 3, count: 9 }) };
    return { ...made, total: 0, average: 0, weightShare: 0, terms: { ...made.terms, honesty } };
  }
  if (uid === 12) {
    const bandwidth = { value: null, why: why('challenge-busy') };
    return { ...made, weightShare, terms: { ...made.terms, bandwidth } };
  }
  return { ...made, weightShare };
}

/** Two miners have joined a moment ago, and have no score yet. */
const NEW: ReadonlySet<number> = new Set([62, 63]);
const cards = miners.filter((uid) => !NEW.has(uid)).map(cardOf);

/** The run of a validator of a whole subnet. */
export const validating = (nowMs: number): View => {
  const view = scenes.validating(nowMs);
  const { scores } = scenes.mineOf(view);
  return scenes.changed(view, {
    scores: scores && {
      ...{ ...scores, validator: scenes.me, mine: null, all: cards },
      weights: { kind: 'set', block: 4_790 },
      checking: {
        ...{ sinceMs: Date.UTC(2026, 10, 2), computeMs: 192_000, bytes: 41_000_000 },
        ...{ recomputed: 118, looked: 37 },
      },
    },
    witness: witnessing(),
  });
};

const neuronOf = (uid: number): JudgedNeuron => {
  const isValidator = VALIDATORS.has(uid);
  const paid = cards.find((card) => card.uid === uid)?.weightShare ?? 0;
  return {
    ...{ uid, hotkey: hotkeyOf(uid), role: isValidator ? 'validator' : paid > 0 ? 'miner' : 'idle' },
    incentive: isValidator ? 0 : paid,
    consensus: isValidator ? 0 : paid * 1.1,
    trust: isValidator ? 0 : 0.5 + ((uid * 17) % 50) / 100,
  };
};

const staked = (uid: number) => ({
  hotkey: hotkeyOf(uid),
  validatorPermit: VALIDATORS.has(uid),
  stakeAlpha: alphaRao(VALIDATORS.has(uid) ? BigInt(uid) * 1_000n * TAO : BigInt(uid) * TAO),
});
const neurons = Array.from({ length: NEURONS }, (_, uid) => uid);

/** What the chain says of it. */
export const judged = (nowMs: number): ValidationView => ({
  ...{ validator: scenes.me, block: 4_813, neurons: neurons.map(neuronOf), isHidden: false },
  seat: { ...seatOf(neurons.map(staked), scenes.me, VALIDATORS.size), uid: OWN_UID },
  clock: { how: 'open', block: 4_813, lastUpdate: 4_790, mayFrom: 4_796, nextEpochBlock: 4_819 },
  others: [41, 20, 7].map((uid, i) => ({
    ...{ uid, hotkey: hotkeyOf(uid), stakeAlpha: staked(uid).stakeAlpha, lastUpdate: 4_780 + i },
    agreement: [0.97, 0.93, null][i] ?? null,
  })),
  checks: miners
    .filter((uid) => uid % 5 !== 0)
    .map((uid) => ({ hotkey: hotkeyOf(uid), round: 40 - (uid % 4), atMs: nowMs - 20_000 * (1 + (uid % 4)) })),
});

/** Without a permit, on a subnet that hides weights and tells little. */
export const without = (nowMs: number): ValidationView => {
  const seen = judged(nowMs);
  const seats = neurons.map((uid) =>
    uid === OWN_UID ? { ...staked(uid), validatorPermit: false } : staked(uid),
  );
  return {
    ...{ ...seen, isHidden: true, others: [], checks: null },
    neurons: seen.neurons.map((one) => ({ ...one, trust: null, consensus: null })),
    seat: { ...seatOf(seats, scenes.me, VALIDATORS.size - 1), uid: OWN_UID },
    clock: {
      ...{ how: 'timelocked', block: 4_813, lastUpdate: 4_810, mayFrom: 4_916, nextEpochBlock: 5_100 },
      ...{ revealBlock: 5_460, pending: [{ block: 4_810, opensBlock: 5_460 }] },
    },
  };
};

const id = (text: string) => hex(text.padEnd(64, '0'));

function witnessing(): WitnessView {
  const word = { proposer: scenes.me, digest: id('9f3c') };
  const signed: WitnessRound = {
    ...{ round: 40, roster: word, results: word, audit: { verdict: 'passed', drawn: 20, wrong: 0 } },
    record: { resultId: id('77ab'), state: 'final' },
    ...{ outcome: 'committed', against: [] },
  };
  return {
    isWitness: true,
    witnesses: [scenes.me, hotkey(7), hotkey(20)],
    rounds: [
      {
        ...signed,
        round: 41,
        record: null,
        outcome: null,
        audit: { verdict: 'asked', drawn: null, wrong: null },
      },
      signed,
      {
        ...{ ...signed, round: 39, record: { resultId: null, state: 'final' }, outcome: 'void' },
        audit: { verdict: 'failed', drawn: 20, wrong: 1 },
        against: [
          { code: 'wrong-result', params: {} },
          { code: 'contradiction', params: { hotkey: hotkey(7) } },
        ],
      },
    ],
  };
}

const need = (of: Need['id'], state: Need['state'], code: Need['said']['code'], params = {}): Need => ({
  ...{ id: of, state },
  said: { code, params },
});

/** In a practice: all is there. */
export const needsBeside: ValidatorNeeds = {
  way: 'beside',
  needs: [
    need('place', 'met', 'place.bought', { cost: 'τ 0.1' }),
    need('permit', 'met', 'permit.free', { permits: 1, places: 64 }),
    need('port', 'met', 'port.this-computer'),
    need('disk', 'met', 'disk.enough', { bytes: 61_000_000, freeBytes: 212_000_000_000 }),
    need('engine', 'met', 'engine.fits', { checkMs: 310, allMs: 1_240, miners: 4, roomMs: 5_000 }),
  ],
  costs: { registrationRao: rao(100_000_000n), stakeRao: rao(4_900_000_000n), freeRao: rao(10_000_000_000n) },
  mayBegin: true,
};

/** On a real subnet, by a hotkey that lacks a permit. */
export const needsInstead: ValidatorNeeds = {
  way: 'instead',
  needs: [
    need('place', 'met', 'place.held', { uid: 3 }),
    need('permit', 'not-met', 'permit.lacking', { gap: '1,204.5000', lowest: '1,418.0312', places: 64 }),
    need('port', 'not-met', 'port.blocked'),
    need('disk', 'met', 'disk.there'),
    need('engine', 'unknown', 'engine.unknown'),
  ],
  costs: { registrationRao: null, stakeRao: null, freeRao: rao(12_407_134_210n) },
  mayBegin: false,
};
