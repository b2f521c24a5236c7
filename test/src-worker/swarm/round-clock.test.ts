import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RoundPlan } from '../../../src-worker/swarm/reduce/plan.ts';
import { RoundClock } from '../../../src-worker/swarm/reduce/round-clock.ts';
import { playFor, playTime } from './played-time.ts';

const SLACK_MS = 500;
const BLOCK_MS = 1_000;
const planOf = (size: number) =>
  ({
    times: { slackMs: SLACK_MS, blockMs: BLOCK_MS },
    members: Array.from({ length: size }),
  }) as unknown as RoundPlan;
const plan = planOf(4);

beforeEach(playTime);
afterEach(() => void vi.useRealTimers());

it('counts from the arrival of the roster until others are heard', async () => {
  const clock = new RoundClock(plan, null);
  await playFor(1_000);
  expect([clock.nowMs, clock.agoMs]).toEqual([1_000, 1_000]);
});

it('takes the median of what it heard and its own', async () => {
  const clock = new RoundClock(plan, null);
  await playFor(1_000);
  clock.hear(1, 1_300);
  clock.hear(2, 1_200);
  expect(clock.nowMs).toBe(1_200);
  // What it tells is its own, or two that wait for each other would drift.
  expect(clock.agoMs).toBe(1_000);
});

it('is moved by one that lies no further than by the next honest one, and by all of them no further than the slack', async () => {
  const clock = new RoundClock(plan, null);
  await playFor(1_000);
  clock.hear(1, 1_100);
  clock.hear(2, 4e9);
  expect(clock.nowMs).toBe(1_100);
  for (const liar of [3, 4, 5]) clock.hear(liar, 4e9);
  expect(clock.nowMs).toBe(1_000 + SLACK_MS);
  for (const liar of [1, 2, 3, 4, 5]) clock.hear(liar, 0);
  expect(clock.nowMs).toBe(1_000 - SLACK_MS);
});

describe('after a restart in the middle of an exchange', () => {
  const resumed = (blocks: number, size = 4) => new RoundClock(planOf(size), { rosterAgoBlocks: blocks });

  it('goes by the blocks since the roster, and tells nobody what it does not know', () => {
    const clock = resumed(60);
    expect([clock.nowMs, clock.agoMs]).toEqual([60_000, null]);
  });

  it('is moved by no one peer, however early its answer comes, but by more than half of the others', () => {
    const clock = resumed(60);
    clock.hear(1, 4e9);
    clock.hear(1, 4e9);
    expect(clock.nowMs).toBe(60_000);
    // Who came back too says nothing.
    clock.hear(2, null);
    expect(clock.nowMs).toBe(60_000);
    clock.hear(3, 60_700);
    expect(clock.nowMs).toBe(60_700);
  });

  it('is moved by all of them together no further than a block and the slack', () => {
    const clock = resumed(60);
    for (const liar of [1, 2, 3]) clock.hear(liar, 4e9);
    expect(clock.nowMs).toBe(60_000 + BLOCK_MS + SLACK_MS);
    for (const liar of [1, 2, 3]) clock.hear(liar, 0);
    expect(clock.nowMs).toBe(60_000 - BLOCK_MS - SLACK_MS);
  });

  it('has no zero later than its start: the roster was there before', async () => {
    const clock = resumed(1);
    for (const liar of [1, 2, 3]) clock.hear(liar, 0);
    expect(clock.nowMs).toBe(0);
    await playFor(100);
    expect(clock.nowMs).toBe(100);
  });

  it('takes the word of the only other one of two', () => {
    const clock = resumed(60, 2);
    clock.hear(1, 60_600);
    expect(clock.nowMs).toBe(60_300);
  });
});

it('keeps what is due at its time when time zero moves', async () => {
  const clock = new RoundClock(plan, null);
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
