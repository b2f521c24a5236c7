import { expect, it } from 'vitest';
import { liveProfile } from '../../../src-shared/profile/shipped.ts';
import {
  closesAtMs,
  exchangeTimes,
  standbysAskAllAtMs,
  standbysAskAtMs,
} from '../../../src-shared/rounds/exchange-times.ts';

const { consensus } = liveProfile('gpt2-124m');
const { blockMs } = consensus.clock;
const { exchangeBlocks, slackMs } = consensus.reduce;

it('makes the exchange as many blocks long as the profile says, at the pace of the chain', () => {
  expect(exchangeTimes(1, consensus).exchangeMs).toBe(exchangeBlocks * blockMs);
  const slow = exchangeTimes(3, consensus);
  expect([slow.exchangeMs, slow.slackMs]).toEqual([3 * exchangeBlocks * blockMs, 3 * slackMs]);
});

it('closes the chunks of a part evenly, the last when standbys begin to ask', () => {
  const times = exchangeTimes(1, consensus);
  const closes = Array.from({ length: 40 }, (_, place) => closesAtMs(times, place, 40));
  expect(closes[0]).toBe(times.mainMs / 40 + slackMs);
  expect(closes.at(-1)).toBe(standbysAskAtMs(times));
  for (let i = 2; i < 40; i++) expect(closes[i]! - closes[i - 1]!).toBeCloseTo(times.mainMs / 40, 6);
});

it('leaves standbys a fifth of the exchange less the slack, and everybody the slack to hear them', () => {
  const times = exchangeTimes(1, consensus);
  expect(times.exchangeMs - standbysAskAtMs(times)).toBeCloseTo(0.2 * times.exchangeMs - slackMs, 6);
  expect(times.allInMs).toBe(times.exchangeMs + slackMs);
  expect(times.endMs).toBeGreaterThan(times.allInMs);
});

it.each([
  ['124M', exchangeBlocks, slackMs],
  ['a practice', 2 / 12, 500],
])('leaves standbys of %s half of their time to ask for what is on its way', (_name, blocks, slack) => {
  const reduce = { ...consensus.reduce, exchangeBlocks: blocks, slackMs: slack };
  const times = exchangeTimes(1, { clock: consensus.clock, reduce });
  const [beginMs, allMs] = [standbysAskAtMs(times), standbysAskAllAtMs(times)];
  expect(beginMs).toBeGreaterThan(times.mainMs);
  expect(times.exchangeMs - beginMs).toBeGreaterThanOrEqual(0.1 * times.exchangeMs);
  expect(allMs - beginMs).toBeCloseTo(times.exchangeMs - allMs, 6);
});
