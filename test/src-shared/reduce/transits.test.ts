import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Transits } from '../../../src-shared/reduce/transits.ts';

const CHUNK_BYTES = 131_072;
const limits = { kept: 8, queueMs: 200, least: 2 };

describe('transits', () => {
  it('expect the time of the slowest of the last ones while something is under way', () => {
    const transits = new Transits({ ...limits, kept: 2 });
    for (const sentMs of [0, 10, 20, 40]) transits.sent(1, sentMs);
    transits.confirm(1, 50);
    expect(transits.expectedMs(50)).toBe(50);
    transits.confirm(3, 55);
    // The first of 50 ms is forgotten; then 45 and 35.
    expect(transits.expectedMs(60)).toBe(45);
  });

  it('expect the time of the quickest of the last ones where nothing is under way', () => {
    const transits = new Transits(limits);
    for (const sentMs of [0, 10]) transits.sent(1, sentMs);
    transits.confirm(2, 900);
    expect(transits.expectedMs(5_000)).toBe(890);
  });

  it('expect at least as long as the oldest waits that has not come', () => {
    const transits = new Transits(limits);
    expect(transits.expectedMs(5)).toBe(0);
    transits.sent(1, 5);
    transits.sent(1, 90);
    expect(transits.expectedMs(100)).toBe(95);
  });

  it('take no word for more than was sent', () => {
    const transits = new Transits(limits);
    transits.sent(1, 0);
    transits.confirm(9, 3);
    transits.sent(1, 10);
    expect(transits.expectedMs(11)).toBe(3);
  });

  it('have room for the least number in any case, and for no more where nothing is known of the path', () => {
    const transits = new Transits(limits);
    expect(transits.hasRoom).toBe(true);
    transits.sent(CHUNK_BYTES, 0);
    expect(transits.hasRoom).toBe(true);
    transits.sent(CHUNK_BYTES, 0);
    expect(transits.hasRoom).toBe(false);
  });

  it('fill any path and let no more wait before it than the time that it may', () => {
    const path = {
      bytesPerMs: fc.integer({ min: 500, max: 25_000 }),
      latencyMs: fc.integer({ min: 0, max: 300 }),
    };
    fc.assert(
      fc.property(fc.record(path), (one) => {
        const { busyShare, mostWaitingMs } = played(one);
        expect(busyShare).toBeGreaterThan(0.9);
        const leastMs = (limits.least * CHUNK_BYTES) / one.bytesPerMs;
        const aChunkMs = CHUNK_BYTES / one.bytesPerMs;
        expect(mostWaitingMs).toBeLessThanOrEqual(Math.max(leastMs, limits.queueMs + 2 * aChunkMs) + 1);
      }),
      { numRuns: 100 },
    );
  });
});

/** A sender that always has something to send, over a path with a rate and the same latency both ways. */
function played({ bytesPerMs, latencyMs }: { readonly bytesPerMs: number; readonly latencyMs: number }) {
  const transits = new Transits(limits);
  const toldMs: number[] = [];
  let [nowMs, freeAtMs, told, idleMs, countedMs, mostWaitingMs] = [0, 0, 0, 0, 0, 0];
  while (told < 600) {
    while (transits.hasRoom) {
      transits.sent(CHUNK_BYTES, nowMs);
      const isCounted = told > 300;
      if (isCounted) idleMs += Math.max(0, nowMs - freeAtMs);
      freeAtMs = Math.max(freeAtMs, nowMs) + CHUNK_BYTES / bytesPerMs;
      if (isCounted) mostWaitingMs = Math.max(mostWaitingMs, freeAtMs - nowMs);
      toldMs.push(freeAtMs + 2 * latencyMs);
    }
    const nextMs = toldMs.shift()!;
    if (told > 300) countedMs += nextMs - nowMs;
    nowMs = nextMs;
    transits.confirm(++told, nowMs);
  }
  return { busyShare: 1 - idleMs / countedMs, mostWaitingMs };
}
