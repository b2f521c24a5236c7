import { expect, it, onTestFinished, vi } from 'vitest';
import { beginLiveRun } from '../../../src-main/runs/live-run.ts';
import type { RunBody, RunPlan } from '../../../src-main/runs/plan.ts';
import { listeners } from '../../../src-node/listeners.ts';
import { aborted } from '../../../src-node/waits.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';

const planThat = (begin: RunPlan['begin']): RunPlan => ({
  id: 'hotkey' as RunPlan['id'],
  facts: {} as RunPlan['facts'],
  begin,
});

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
  const problem = new AppError('CHAIN_UNREACHABLE', { endpoint: 'ws://127.0.0.1:1' });
  const live = beginLiveRun(
    planThat(() => Promise.reject(problem)),
    null,
    new AbortController().signal,
  );
  const failed = vi.fn();
  live.on('failed', failed);
  await vi.waitFor(() => expect(failed).toHaveBeenCalledWith(problem));
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
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
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
