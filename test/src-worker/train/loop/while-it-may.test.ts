import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { aborted } from '../../../../src-node/waits.ts';
import { PAUSE_GRACE_MS } from '../../../../src-worker/train/limits.ts';
import { Gate } from '../../../../src-worker/train/loop/gate.ts';
import { whileItMay } from '../../../../src-worker/train/loop/while-it-may.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function rig() {
  const trainer = { gate: new Gate(), isActive: true };
  const stop = new AbortController();
  const work = Promise.withResolvers<string>();
  const setActive = (isActive: boolean) => {
    trainer.isActive = isActive;
    trainer.gate.changed();
  };
  /** Ends between two slices of the work once its signal aborts, as an engine does. */
  const outcome = whileItMay(trainer, stop.signal, (signal) =>
    Promise.race([work.promise, aborted(signal).then(() => signal.throwIfAborted())]),
  );
  outcome.catch(() => {});
  return { setActive, stop, work, outcome };
}

it('work goes on to its end where nobody pauses, and where it ends soon after', async () => {
  const { work, setActive, outcome } = rig();
  setActive(false);
  await vi.advanceTimersByTimeAsync(PAUSE_GRACE_MS - 1);
  work.resolve('done');
  expect(await outcome).toBe('done');
  expect(vi.getTimerCount()).toBe(0);
});

it('work that takes longer than the pause leaves it is dropped', async () => {
  const { setActive, outcome } = rig();
  setActive(false);
  await vi.advanceTimersByTimeAsync(PAUSE_GRACE_MS);
  expect(await outcome).toBeNull();
});

it('a short pause drops nothing, and another one does', async () => {
  const { setActive, outcome } = rig();
  const settled = vi.fn();
  void outcome.then(settled);
  setActive(false);
  await vi.advanceTimersByTimeAsync(PAUSE_GRACE_MS / 2);
  setActive(true);
  await vi.advanceTimersByTimeAsync(10 * PAUSE_GRACE_MS);
  expect(settled).not.toHaveBeenCalled();
  setActive(false);
  await vi.advanceTimersByTimeAsync(PAUSE_GRACE_MS);
  expect(await outcome).toBeNull();
});

it('work is dropped at once where the process ends', async () => {
  const { stop, outcome } = rig();
  stop.abort();
  expect(await outcome).toBeNull();
});

it('work that fails by itself says so', async () => {
  const { work, setActive, outcome } = rig();
  setActive(false);
  await vi.advanceTimersByTimeAsync(PAUSE_GRACE_MS - 1);
  work.reject(new Error('lost'));
  await expect(outcome).rejects.toThrow('lost');
});
