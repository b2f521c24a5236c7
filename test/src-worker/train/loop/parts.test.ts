import { expect, test } from 'vitest';
import { RATE_RAMP_STEPS, STEP_EVENT_EVERY_MS } from '../../../../src-worker/train/limits.ts';
import { Gate } from '../../../../src-worker/train/loop/gate.ts';
import { learningRate } from '../../../../src-worker/train/loop/schedule.ts';
import { type StepEvent, StepReport } from '../../../../src-worker/train/loop/step-report.ts';
import { afterStep } from '../../../../src-worker/train/loop/work-record.ts';
import { noProgress, openedRound } from '../../../../src-worker/train/state/progress.ts';
import { Turns } from '../../../../src-worker/train/turns.ts';
import { BLOCK, consensus } from './rig.ts';

const event = (atMs: number): StepEvent => ({
  atMs,
  step: atMs,
  round: 0,
  innerStep: 1,
  loss: 3,
  lr: 1e-3,
  gradNorm: 1,
  tokens: 10,
  stepMs: 5,
});

test('the rate rises in a straight line with the tokens, then stays', () => {
  const inner = { ...consensus.inner, lr: 1e-3, warmupTokens: 1_000 };
  const at = (tokens: number) => learningRate(inner, { tokens, sinceReset: 1e6 });
  expect(at(250)).toBeCloseTo(2.5e-4, 12);
  expect(at(500)).toBeCloseTo(5e-4, 12);
  expect(at(1_000)).toBe(1e-3);
  expect(at(1e9)).toBe(1e-3);
});

test('after the moments were zeroed the rate ramps up again', () => {
  const inner = { ...consensus.inner, lr: 1e-3, warmupTokens: 0 };
  const at = (sinceReset: number) => learningRate(inner, { tokens: 1e9, sinceReset });
  expect(at(0)).toBeCloseTo(1e-3 / RATE_RAMP_STEPS, 12);
  expect(at(RATE_RAMP_STEPS - 1)).toBe(1e-3);
});

test('fast steps become few events that hold all tokens and the last values', () => {
  const events: StepEvent[] = [];
  let nowMs = 0;
  const report = new StepReport({ step: (sent) => events.push(sent), skipped: () => {} }, () => nowMs);
  // The wall clock stands still or runs backwards: it only says when.
  for (; nowMs <= 1_000; nowMs += 10) report.step({ ...event(nowMs), atMs: -nowMs });
  expect(events.length).toBe(1 + 1_000 / STEP_EVENT_EVERY_MS);
  expect(events[1]).toMatchObject({ step: 250, tokens: 250 });
  report.step(event(1_001));
  report.flush();
  expect(events.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(1_020);
  report.flush();
  expect(events.at(-1)).toMatchObject({ step: 1_001, tokens: 10 });
});

test('steps that were not taken are told of, whether or not one is taken between them', () => {
  const told: number[] = [];
  let nowMs = 0;
  const report = new StepReport({ step: () => {}, skipped: (steps) => told.push(steps) }, () => nowMs);
  for (; nowMs <= 1_000; nowMs += 10) report.skipped();
  expect(told.length).toBe(1 + 1_000 / STEP_EVENT_EVERY_MS);
  report.step(event(1));
  report.flush();
  expect(told.reduce((sum, steps) => sum + steps, 0)).toBe(101);
});

test('turns are given in the order of asking, after a failed one too', async () => {
  const turns = new Turns();
  const order: string[] = [];
  const first = turns.take(async () => {
    order.push('first');
    throw new Error('failed');
  });
  const second = turns.take(async () => order.push('second'));
  const abort = new AbortController();
  const given = turns.take(async () => order.push('given up'), abort.signal);
  abort.abort();
  const last = turns.take(async () => order.push('last'));
  await expect(first).rejects.toThrow('failed');
  await expect(given).rejects.toThrow();
  await Promise.all([second, last]);
  expect(order).toEqual(['first', 'second', 'last']);
});

test('the gate opens when something changed and the condition holds, and closes for good on abort', async () => {
  const gate = new Gate();
  let isOpen = false;
  const abort = new AbortController();
  const opened = gate.until(() => isOpen, abort.signal);
  gate.changed();
  isOpen = true;
  gate.changed();
  expect(await opened).toBe(true);
  isOpen = false;
  const closed = gate.until(() => isOpen, abort.signal);
  abort.abort();
  expect(await closed).toBe(false);
});

test('a page that is drawn twice in a round is claimed once', () => {
  const stretch = { index: 4, sha256: 'ab'.repeat(32), sequences: 3, ofPage: 3 };
  const batch = {
    ids: new Uint16Array(24),
    targets: new Uint16Array(24),
    stretches: [stretch],
    next: { page: 1, sequence: 0 },
  };
  const open = { ...noProgress, round: openedRound(0, BLOCK) };
  const once = afterStep(open, [batch], 8, []);
  const twice = afterStep(once, [batch], 8, []);
  expect(twice.round).toMatchObject({ steps: 2, sequences: 3, pages: [{ index: 4, sequences: 3 }] });
  expect(twice.tokens).toBe(48);
});
