import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { PACE_EVERY_MS, STEP_OLD_MS } from '../../../src-main/practice/limits.ts';
import { keepPace } from '../../../src-main/practice/watch-pace.ts';
import { listeners } from '../../../src-node/listeners.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import { ss58 } from '../../../src-shared/units.ts';

const { consensus } = practiceProfile({
  witness: ss58('5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM'),
  ownerColdkey: ss58('5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM'),
  endpoint: 'ws://127.0.0.1:1',
  bootstrap: [],
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function rig() {
  const steps = listeners<{ step: { readonly stepMs: number; readonly tokens: number }; activity: object }>();
  const rounds = listeners<{ view: object; settled: object }>();
  const chain = listeners<{ pace: { readonly blockMs: number } }>();
  const asked: number[] = [];
  let answers: () => Promise<void> = async () => undefined;
  const life = new AbortController();
  const lines: string[] = [];
  const stop = keepPace(
    { train: { on: steps.on }, rounds: { on: rounds.on } } as never,
    {
      on: chain.on,
      call: async (_name: string, { blockMs }: { blockMs: number }) => {
        asked.push(blockMs);
        await answers();
      },
    } as never,
    { consensus, blockMs: 1_000, tokensPerStep: 1_024, log: (line) => lines.push(line) },
    life.signal,
  );
  return {
    asked,
    lines,
    stop,
    step: (stepMs: number, tokens = 1_024) => steps.emit('step', { stepMs, tokens }),
    activity: (kind: string) => steps.emit('activity', { kind }),
    settled: (outcome: string, contributed = outcome === 'committed') =>
      rounds.emit('settled', { summary: { outcome, contributed } }),
    view: (phase: string, readyPeers = 0) => rounds.emit('view', { phase, readyPeers }),
    chainSays: (blockMs: number) => chain.emit('pace', { blockMs }),
    answer: (how: () => Promise<void>) => {
      answers = how;
    },
    look: () => vi.advanceTimersByTimeAsync(PACE_EVERY_MS),
  };
}

it('asks for slower blocks when steps take long, once', async () => {
  const { asked, step, look } = rig();
  step(4_000);
  await look();
  expect(asked).toEqual([2_900]);
  step(4_000);
  await look();
  expect(asked).toHaveLength(1);
});

it('counts each of the steps that one event tells of', async () => {
  const { asked, step, look } = rig();
  step(4_000, 4 * 1_024);
  await look();
  expect(asked).toEqual([]);
});

it('forgets a step of long ago: a trainer that rests says nothing of the load', async () => {
  const { asked, step, look, chainSays } = rig();
  step(4_000);
  await vi.advanceTimersByTimeAsync(STEP_OLD_MS);
  const before = asked.length;
  chainSays(1_000);
  await look();
  expect(asked).toHaveLength(before);
});

it('counts what it took to gather and to average against their blocks', async () => {
  const { asked, view, look } = rig();
  view('ready');
  await vi.advanceTimersByTimeAsync(PACE_EVERY_MS - 10);
  await vi.advanceTimersByTimeAsync(4_000);
  view('ready', 1);
  await look();
  expect(asked.at(-1)).toBeGreaterThan(1_000);
});

it('slows down by half after a round that came to nothing, at once and once', async () => {
  const { asked, step, settled, look } = rig();
  step(80);
  settled('void');
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual([1_500]);
  for (let n = 0; n < 5; n++) await look();
  expect(asked).toEqual([1_500]);
  step(80);
  settled('skipped');
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual([1_500, 2_300]);
});

it('slows down after a round that committed without this miner as well', async () => {
  const { asked, step, settled } = rig();
  step(80);
  settled('committed', false);
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual([1_500]);
});

it('is quick again once three rounds have committed', async () => {
  const { asked, step, settled } = rig();
  step(80);
  settled('void');
  await vi.advanceTimersByTimeAsync(0);
  for (let round = 0; round < 2; round++) {
    step(80);
    settled('committed');
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(asked).toEqual([1_500]);
  settled('committed');
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual([1_500, 1_000]);
});

it('is quick again as soon as steps take half of what they took in the round that was lost', async () => {
  const { asked, step, settled, look } = rig();
  step(900);
  settled('void');
  await vi.advanceTimersByTimeAsync(0);
  step(300);
  await look();
  // The mean is what counts: a busy machine too has a quick step now and then.
  expect(asked).toEqual([1_500]);
  for (let n = 0; n < 2; n++) step(50);
  await look();
  expect(asked).toEqual([1_500, 1_000]);
});

it('does not quicken while members wait for one another', async () => {
  const { asked, step, look, view, chainSays } = rig();
  chainSays(4_000);
  for (const phase of ['ready', 'reducing', 'verifying', 'awaiting-outcome']) {
    view(phase);
    step(80);
    await look();
    expect(asked, phase).toEqual([]);
  }
  view('settled');
  await look();
  expect(asked).toEqual([2_400]);
});

it('counts no round in which training rested as a sign that a quicker chain would do', async () => {
  const { activity, asked, step, settled } = rig();
  step(80);
  settled('void');
  await vi.advanceTimersByTimeAsync(0);
  activity('paused');
  for (let n = 0; n < 3; n++) settled('committed');
  step(80);
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual([1_500]);
});

it('takes rounds in which everybody rested for no sign of the machine', async () => {
  const { asked, activity, settled } = rig();
  activity('training');
  activity('paused');
  for (let n = 0; n < 3; n++) settled('skipped');
  activity('busy');
  activity('training');
  // The round in which it went on was half a pause.
  settled('skipped');
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual([]);
  settled('skipped');
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual([1_500]);
});

it('forgets what it took to average two rounds ago', async () => {
  const { asked, view, step, settled, chainSays } = rig();
  view('reducing');
  await vi.advanceTimersByTimeAsync(9_000);
  view('awaiting-outcome');
  settled('committed');
  await vi.advanceTimersByTimeAsync(0);
  const slow = asked.at(-1) ?? 0;
  expect(slow).toBeGreaterThan(2_000);
  view('settled');
  step(80);
  settled('committed');
  await vi.advanceTimersByTimeAsync(0);
  chainSays(slow);
  step(80);
  settled('committed');
  await vi.advanceTimersByTimeAsync(0);
  expect(asked.at(-1)).toBeLessThan(slow);
});

it('notes what the pace was, though the chain tells the new one before it answers', async () => {
  const { answer, chainSays, lines, step, settled } = rig();
  answer(async () => chainSays(1_500));
  step(80);
  settled('void');
  await vi.advanceTimersByTimeAsync(0);
  expect(lines).toEqual(['blocks of 1500 ms instead of 1000']);
});

it('goes by what the chain says that its pace is', async () => {
  const { asked, step, settled, chainSays } = rig();
  chainSays(4_000);
  step(80);
  settled('void');
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual([6_000]);
});

it('asks one thing at a time, and again after a refusal', async () => {
  const { asked, lines, step, look, answer } = rig();
  const refused = Promise.withResolvers<void>();
  answer(() => refused.promise);
  step(4_000);
  await look();
  await look();
  expect(asked).toHaveLength(1);
  refused.reject(new Error('the chain is away'));
  answer(async () => undefined);
  await look();
  await look();
  expect(asked).toHaveLength(2);
  expect(lines[0]).toContain('the chain is away');
});

it('looks no more once it is stopped', async () => {
  const { asked, step, look, stop } = rig();
  stop();
  step(4_000);
  await look();
  expect(asked).toEqual([]);
});

it('asks for slower blocks when an exchange nearly used up its time', async () => {
  const { asked, view, settled } = rig();
  view('reducing');
  await vi.advanceTimersByTimeAsync(1_800);
  view('listing');
  settled('committed');
  expect(asked).toEqual([1_300]);
});
