import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ANSWER_LIMIT_MS, STALL_LOOK_MS, STALLED_MS } from '../../../../src-worker/publish/limits.ts';
import { StallWatch } from '../../../../src-worker/publish/stores/stall-watch.ts';

let watch: StallWatch;
beforeEach(() => {
  vi.useFakeTimers();
  watch = new StallWatch();
});
afterEach(() => {
  watch.end();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const aborted = () => watch.signal.aborted;

describe('a transfer of which nothing moves', () => {
  it('is ended after its limit', async () => {
    await pass(STALLED_MS - STALL_LOOK_MS);
    expect(aborted()).toBe(false);
    await pass(2 * STALL_LOOK_MS);
    expect(aborted()).toBe(true);
  });

  it('is not ended as long as something moves now and then', async () => {
    for (let i = 0; i < 10; i++) {
      await pass(STALLED_MS / 2);
      watch.moved();
    }
    expect(aborted()).toBe(false);
  });

  it('has longer for its answer once all is sent', async () => {
    watch.sent();
    await pass(ANSWER_LIMIT_MS - STALL_LOOK_MS);
    expect(aborted()).toBe(false);
    await pass(2 * STALL_LOOK_MS);
    expect(aborted()).toBe(true);
  });

  it('is not ended while the pace holds it, however long', async () => {
    const held = Promise.withResolvers<void>();
    const holding = watch.hold(held.promise);
    await pass(10 * STALLED_MS);
    expect(aborted()).toBe(false);
    held.resolve();
    await holding;
    await pass(STALLED_MS / 2);
    expect(aborted()).toBe(false);
  });
});
