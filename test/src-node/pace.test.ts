import { describe, expect, it } from 'vitest';
import { Pace } from '../../src-node/pace.ts';

const { signal } = new AbortController();

describe('the pace of what goes out', () => {
  it('lets everything go where none is set', async () => {
    await new Pace().take(1e12, signal);
  });

  it('lets no more go than the time that has passed allows', async () => {
    let nowMs = 0;
    const pace = new Pace(() => nowMs);
    pace.set(1_000);
    nowMs = 250;
    await pace.take(250, signal);
    let went = false;
    const second = pace.take(100, signal).then(() => {
      went = true;
    });
    // Whatever is ready by now has gone.
    await new Promise(setImmediate);
    expect(went).toBe(false);
    nowMs = 500;
    await second;
  });

  it('goes in small portions where little may go, so that all who send have a part of it', () => {
    const pace = new Pace();
    const portions = [4_096, 1, 64_000, 20_000_000].map((bytesPerSecond) => {
      pace.set(bytesPerSecond);
      return pace.portionBytes;
    });
    expect(portions).toEqual([1_024, 1_024, 16_000, 65_536]);
  });

  it('holds everything at none, and lets it go as soon as that ends', async () => {
    const pace = new Pace();
    pace.set(0);
    const held = pace.take(1, signal);
    pace.set(null);
    await held;
  });

  it('lets what waits end with its job, and the next go on', async () => {
    const pace = new Pace();
    pace.set(0);
    const ending = new AbortController();
    const first = pace.take(1, ending.signal);
    const second = pace.take(1, signal);
    ending.abort();
    await expect(first).rejects.toThrow();
    pace.set(null);
    await second;
  });
});
