import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { BEGIN_AGAIN_FIRST_MS, BEGIN_AGAIN_LONGEST_MS } from '../../../src-main/runs/limits.ts';
import { beginLiveRun } from '../../../src-main/runs/live-run.ts';
import type { RunBody, RunPlan } from '../../../src-main/runs/plan.ts';
import { listeners } from '../../../src-node/listeners.ts';
import { aborted } from '../../../src-node/waits.ts';
import { AppError, toCodedError } from '../../../src-shared/errors/app-error.ts';

const planThat = (begin: RunPlan['begin']): RunPlan => ({
  id: 'hotkey' as RunPlan['id'],
  facts: {} as RunPlan['facts'],
  waitsForChain: false,
  begin,
});

const silence = new AppError('CHAIN_UNREACHABLE', { endpoint: 'ws://127.0.0.1:1' });
const patient = (begin: RunPlan['begin']): RunPlan => ({ ...planThat(begin), waitsForChain: true });

function fakeTime(): void {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
}

function runningBody() {
  const peer = listeners<{ peer: { hotkey: string; peerId: string } }>();
  const setActive = vi.fn(async (_active: boolean) => undefined);
  const run = { swarm: peer } as unknown as RunBody['run'];
  const body: RunBody = { run, setActive, processes: () => [], stop: async () => undefined };
  return { body, peer, setActive };
}

it('that is stopped while it starts has not failed', async () => {
  const live = beginLiveRun(
    planThat(async (_told, signal) => {
      await aborted(signal);
      throw new Error('given up half-way');
    }),
    null,
    new AbortController().signal,
  );
  const failed = vi.fn();
  live.on('failed', failed);
  await live.stop();
  await expect(live.begun).rejects.toThrow('half-way');
  expect(failed).not.toHaveBeenCalled();
});

it('that cannot start has', async () => {
  const live = beginLiveRun(
    planThat(() => Promise.reject(silence)),
    null,
    new AbortController().signal,
  );
  const failed = vi.fn();
  live.on('failed', failed);
  await vi.waitFor(() => expect(failed).toHaveBeenCalledWith(silence));
});

describe('while the chain is silent', () => {
  it('waits, says for what, and begins once it answers', async () => {
    fakeTime();
    const { body } = runningBody();
    const begin = vi.fn<RunPlan['begin']>().mockRejectedValueOnce(silence).mockRejectedValueOnce(silence);
    const live = beginLiveRun(patient(begin.mockResolvedValue(body)), null, new AbortController().signal);
    const failed = vi.fn();
    live.on('failed', failed);
    await vi.advanceTimersByTimeAsync(0);
    expect(live.held).toEqual({ kind: 'waiting', for: 'chain', error: toCodedError(silence) });
    await vi.advanceTimersByTimeAsync(BEGIN_AGAIN_FIRST_MS + 2 * BEGIN_AGAIN_FIRST_MS);
    expect(await live.begun).toBe(body);
    expect(live.held).toBeNull();
    expect([begin.mock.calls.length, failed.mock.calls.length]).toEqual([3, 0]);
  });

  it('never waits longer than the longest pause', async () => {
    fakeTime();
    const begin = vi.fn<RunPlan['begin']>(() => Promise.reject(silence));
    const live = beginLiveRun(patient(begin), null, new AbortController().signal);
    await vi.advanceTimersByTimeAsync(3_600_000);
    const before = begin.mock.calls.length;
    await vi.advanceTimersByTimeAsync(BEGIN_AGAIN_LONGEST_MS);
    expect(begin.mock.calls.length).toBe(before + 1);
    await live.stop();
  });

  it('can be paused, and stopped without having failed', async () => {
    fakeTime();
    const begin = vi.fn<RunPlan['begin']>(() => Promise.reject(silence));
    const live = beginLiveRun(patient(begin), null, new AbortController().signal);
    const failed = vi.fn();
    live.on('failed', failed);
    await vi.advanceTimersByTimeAsync(0);
    await live.pause(null);
    expect(live.held).toMatchObject({ kind: 'paused' });
    await live.resume();
    expect(live.held).toMatchObject({ kind: 'waiting' });
    await live.stop();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect([begin.mock.calls.length, failed.mock.calls.length]).toEqual([1, 0]);
  });

  it('fails for what is wrong with the run itself', async () => {
    fakeTime();
    const refused = new AppError('HOTKEY_NOT_REGISTERED', { hotkey: 'hotkey', netuid: 1 });
    const begin = vi.fn<RunPlan['begin']>().mockRejectedValueOnce(silence).mockRejectedValueOnce(refused);
    const live = beginLiveRun(patient(begin), null, new AbortController().signal);
    const failed = vi.fn();
    live.on('failed', failed);
    await vi.advanceTimersByTimeAsync(BEGIN_AGAIN_FIRST_MS);
    expect(failed).toHaveBeenCalledWith(refused);
  });
});

it('whose hotkey is live elsewhere does not work again when its pause ends', async () => {
  const { body, peer, setActive } = runningBody();
  const live = beginLiveRun(
    planThat(async () => body),
    { untilMs: null },
    new AbortController().signal,
  );
  await vi.waitFor(() => expect(live.body).toBe(body));
  peer.emit('peer', { hotkey: 'hotkey', peerId: 'another' });
  await live.resume();
  expect(setActive).not.toHaveBeenCalledWith(true);
  expect(live.held).toMatchObject({ kind: 'blocked' });
});

it('rests until the time it was paused to, however far that is, and then works', async () => {
  fakeTime();
  const { body, setActive } = runningBody();
  const untilMs = Date.now() + 40 * 24 * 3_600_000;
  const live = beginLiveRun(
    planThat(async () => body),
    { untilMs },
    new AbortController().signal,
  );
  await vi.advanceTimersByTimeAsync(39 * 24 * 3_600_000);
  expect(live.pausedNow).toEqual({ untilMs });
  expect(setActive).not.toHaveBeenCalledWith(true);
  await vi.advanceTimersByTimeAsync(25 * 3_600_000);
  expect(live.pausedNow).toBeNull();
  expect(setActive).toHaveBeenLastCalledWith(true);
});
