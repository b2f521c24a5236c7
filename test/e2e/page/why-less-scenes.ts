import type { WeightsPlan } from '../../../src-shared/contract/page/weights-plan.ts';
import type { LessOfValidator, WhyLess } from '../../../src-shared/contract/page/why-less.ts';
import { why } from '../../../src-shared/scoring/why.ts';
import * as scenes from './scenes.ts';
import { hotkey } from './swarm-scenes.ts';

/** One validator's word fell by the bandwidth, and another has only begun to score. */
export const earnedLess = (nowMs: number): WhyLess => {
  const { scores } = scenes.mineOf(scenes.training(nowMs));
  if (!scores) throw new Error('the scene has no scores');
  const worse: LessOfValidator = {
    ...{ validator: scores.validator, round: 41, atMs: nowMs - 14_000, beforeRound: 40, isSigned: true },
    total: { before: 0.98, now: 0.61 },
    average: { before: 0.97, now: 0.86 },
    weightShare: { before: 0.34, now: 0.27 },
    terms: [
      {
        ...{ term: 'bandwidth', before: 0.92, now: 0.21, cost: 0.18 },
        why: why('rate-of-challenge', { bytesPerS: 340_000 }),
        whyBefore: why('rate-of-receipts', { bytesPerS: 3_495_000, peers: 5 }),
      },
      {
        ...{ term: 'allReduce', before: 1, now: 0.24, cost: 0.19 },
        why: why('chunks-taken', { percent: 24 }),
        whyBefore: why('chunks-taken', { percent: 100 }),
      },
      {
        ...{ term: 'steps', before: 1, now: 1.07, cost: -0.03 },
        ...{ why: why('sequences-counted', { sequences: 1_284 }), whyBefore: null },
      },
      { term: 'identity', before: 1, now: 1, cost: 0, why: why('registered-and-bound'), whyBefore: null },
    ],
    beside: [
      { kind: 'exchange', round: 41, atMs: nowMs - 30_000, takenShare: 0.24, returnedShare: 1, fault: null },
      { kind: 'round', round: 40, atMs: nowMs - 60_000, reason: { code: 'late', params: {} } },
      { kind: 'slower', round: 41, atMs: nowMs - 30_000, tokensPerSecond: 640, before: 1_284 },
      { kind: 'told', atMs: nowMs - 40_000, error: { code: 'DISK_FULL', params: { path: '/home/you' } } },
    ],
  };
  const first: LessOfValidator = {
    ...{ ...worse, validator: hotkey(7), beforeRound: null, isSigned: false, terms: [], beside: [] },
    total: { before: null, now: 0.9 },
  };
  return { hotkey: scenes.me, model: scores.model, validators: [worse, first] };
};

/** The same, of a miner that showed no piece of its state. */
export const earnedNothing = (nowMs: number): WhyLess => {
  const less = earnedLess(nowMs);
  const [worse] = less.validators as [LessOfValidator];
  const params = { helped: 3, count: 9 };
  const honesty = {
    ...{ term: 'honesty', before: 0.5, now: 0, cost: 0.49 },
    ...{ why: why('state-silent', params), whyBefore: why('looked-at-too-rarely', { count: 6, needed: 8 }) },
  };
  const total = { before: 0.49, now: 0 };
  return { ...less, validators: [{ ...worse, total, terms: [honesty], beside: [] }] };
};

/** What a validator of a whole subnet would set now. */
export const plan: WeightsPlan = {
  ...{ block: 4_813, held: null, versionKey: 0, isHidden: false, lastUpdate: 4_790, inactiveFrom: 9_790 },
  rows: [0, 1, 3, 4, 5, 6, 8, 9, 10, 11, 12].map((uid, i) => ({
    ...{ uid, hotkey: hotkey(uid), weight: 65_535 - i * 5_000, share: 0.14 - i * 0.01 },
    before: uid === 9 ? null : uid === 3 ? 0.04 : 0.14 - i * 0.01,
  })),
};

/** Nothing is set while too few were checked. */
export const thinPlan: WeightsPlan = {
  ...plan,
  held: { code: 'thin-evidence', params: { checked: 1, blocks: 96, needed: 3 } },
  rows: [],
  lastUpdate: 0,
};
