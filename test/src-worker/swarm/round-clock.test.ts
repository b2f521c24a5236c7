import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RoundPlan } from '../../../src-worker/swarm/reduce/plan.ts';
import { RoundClock } from '../../../src-worker/swarm/reduce/round-clock.ts';
import { playFor, playTime } from './played-time.ts';

const SLACK_MS = 500;
const plan = { times: { slackMs: SLACK_MS } } as unknown as RoundPlan;

beforeEach(playTime);
afterEach(() => void vi.useRealTimers());

it('counts from the arrival of the roster until others are heard', async () => {
  const clock = new RoundClock(plan, false);
  await playFor(1_000);
  expect([clock.nowMs, clock.agoMs]).toEqual([1_000, 1_000]);
});

it('takes the median of what it heard and its own', async () => {
  const clock = new RoundClock(plan, false);
  await playFor(1_000);
  clock.hear(1, 1_300);
  clock.hear(2, 1_200);
  expect(clock.nowMs).toBe(1_200);
  // What it tells is its own, or two that wait for each other would drift.
  expect(clock.agoMs).toBe(1_000);
});

it('is moved by one that lies no further than by the next honest one, and by all of them no further than the slack', async () => {
  const clock = new RoundClock(plan, false);
  await playFor(1_000);
  clock.hear(1, 1_100);
  clock.hear(2, 4e9);
  expect(clock.nowMs).toBe(1_100);
  for (const liar of [3, 4, 5]) clock.hear(liar, 4e9);
  expect(clock.nowMs).toBe(1_000 + SLACK_MS);
  for (const liar of [1, 2, 3, 4, 5]) clock.hear(liar, 0);
  expect(clock.nowMs).toBe(1_000 - SLACK_MS);
});

it('knows nothing itself after a restart, and goes by the others whole', async () => {
  const clock = new RoundClock(plan, true);
  clock.hear(1, null);
  expect(clock.agoMs).toBeNull();
  clock.hear(2, 60_000);
  clock.hear(3, 62_000);
  expect(clock.nowMs).toBe(61_000);
});

it('keeps what is due at its time when time zero moves', async () => {
  const clock = new RoundClock(plan, false);
  const ran: number[] = [];
  clock.at(2_000, () => ran.push(2));
  const takeBack = clock.at(1_500, () => ran.push(1));
  await playFor(1_000);
  takeBack();
  clock.hear(1, 1_900);
  expect(clock.nowMs).toBe(1_450);
  await playFor(549);
  expect(ran).toEqual([]);
  await playFor(1);
  expect(ran).toEqual([2]);
});
