import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TransitLimits, Transits } from '../../../src-shared/reduce/transits.ts';
import { transitLimits } from '../../../src-worker/swarm/reduce/line-writer.ts';

const CHUNK_BYTES = 131_072;
/** The peer's clock, which shows something else, and goes round. */
const clockOf = (ms: number): number => Math.round(ms + 4_294_960_000) % 2 ** 32;
const limits = { kept: 8, queueMs: 200, least: 2, mostBytes: 33_554_432 };

describe('transits', () => {
  it('expect the time of the slowest of the last ones while something is under way', () => {
    const transits = new Transits({ ...limits, kept: 2 });
    for (const sentMs of [0, 10, 20, 40]) transits.sent(1, sentMs);
    transits.confirm({ received: 1, cameMs: 50 }, 50);
    expect(transits.expectedMs(50)).toBe(50);
    transits.confirm({ received: 3, cameMs: 55 }, 55);
    // The first of 50 ms is forgotten; then 45 and 35.
    expect(transits.expectedMs(60)).toBe(45);
  });

  it('expect the time of the quickest of the last ones where nothing is under way', () => {
    const transits = new Transits(limits);
    for (const sentMs of [0, 10]) transits.sent(1, sentMs);
    transits.confirm({ received: 2, cameMs: 900 }, 900);
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
    transits.confirm({ received: 9, cameMs: 3 }, 3);
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
      // There and back 0.3 s: what is longer is filled more slowly, and ended by the stream's own window first.
      latencyMs: fc.integer({ min: 0, max: 150 }),
    };
    fc.assert(
      fc.property(fc.record(path), (one) => {
        const { busyShare, mostWaitingMs } = played(one);
        expect(busyShare).toBeGreaterThan(0.9);
        const leastMs = (limits.least * CHUNK_BYTES) / one.bytesPerMs;
        const aChunkMs = CHUNK_BYTES / one.bytesPerMs;
        expect(mostWaitingMs).toBeLessThanOrEqual(Math.max(leastMs, limits.queueMs) + 2 * aChunkMs + 1);
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    [12_500, 5],
    [1_250, 20],
    [625, 60],
  ])(
    'fill both ways of a pair at %i bytes a ms, also after one side stood still',
    (bytesPerMs, latencyMs) => {
      const busy = (used: TransitLimits) => bothWays({ bytesPerMs, latencyMs, used });
      for (const share of busy(transitLimits)) expect(share).toBeGreaterThan(0.9);
    },
  );

  it.each([3_600_000, -3_600_000])('fill both ways also where clocks jump by %i ms', (jumpMs) => {
    const shares = bothWays({ bytesPerMs: 12_500, latencyMs: 5, used: transitLimits, jumpMs });
    for (const share of shares) expect(share).toBeGreaterThan(0.9);
  });

  it('let no more be under way than the most, however little a peer says that anything waits', () => {
    const transits = new Transits(transitLimits);
    let [sent, nowMs, underWay] = [0, 0, 0];
    for (let told = 0; told < 300; told++) {
      for (; transits.hasRoom; sent++) transits.sent(CHUNK_BYTES, nowMs);
      underWay = Math.max(underWay, (sent - told) * CHUNK_BYTES);
      nowMs += 1_000;
      // Each came a millisecond after the one before, by its word.
      transits.confirm({ received: told + 1, cameMs: told }, nowMs);
    }
    expect(underWay).toBeLessThanOrEqual(transitLimits.mostBytes + CHUNK_BYTES);
    expect(underWay).toBeGreaterThan(CHUNK_BYTES * transitLimits.least);
  });
});

interface Pair {
  /** What the clocks of both have gained, or lost, since half of the time. */
  readonly jumpMs?: number;
  readonly bytesPerMs: number;
  readonly latencyMs: number;
  readonly used: TransitLimits;
}

const JUMP_AT_MS = 10_000;
const STALL_FROM_MS = 3_000;
const STALL_MS = 600;
const COUNTED_FROM_MS = 6_000;
const COUNTED_TO_MS = 20_000;

/**
 * Two sides that always have something to send, each over a way of its own; the word that something came waits behind what
 * its side sends. The first of them stands still for a while.
 * @returns of each way the share of the time after that in which it was busy
 */
function bothWays({ bytesPerMs, latencyMs, used, jumpMs = 0 }: Pair): [number, number] {
  const aside = () => ({ transits: new Transits(used), freeAtMs: 0, idleMs: 0, came: 0 });
  const sides = [aside(), aside()] as const;
  const due: { readonly atMs: number; readonly run: (nowMs: number) => void }[] = [];
  const at = (atMs: number, run: (nowMs: number) => void) => {
    due.push({ atMs, run });
    due.sort((a, b) => a.atMs - b.atMs);
  };
  const fill = (index: 0 | 1, nowMs: number): void => {
    const [side, other] = [sides[index], sides[1 - index]!];
    const isStill = index === 0 && nowMs >= STALL_FROM_MS && nowMs < STALL_FROM_MS + STALL_MS;
    while (!isStill && side.transits.hasRoom) {
      side.transits.sent(CHUNK_BYTES, nowMs);
      if (nowMs > COUNTED_FROM_MS) side.idleMs += Math.max(0, nowMs - side.freeAtMs);
      side.freeAtMs = Math.max(side.freeAtMs, nowMs) + CHUNK_BYTES / bytesPerMs;
      at(side.freeAtMs + latencyMs, (cameMs) => {
        const received = ++side.came;
        at(Math.max(cameMs, other.freeAtMs) + latencyMs, (toldMs) => {
          side.transits.confirm(
            { received, cameMs: clockOf(cameMs + (cameMs > JUMP_AT_MS ? jumpMs : 0)) },
            toldMs,
          );
          fill(index, toldMs);
        });
      });
    }
  };
  fill(0, 0);
  fill(1, 0);
  at(STALL_FROM_MS + STALL_MS, (nowMs) => fill(0, nowMs));
  for (let next = due.shift(); next && next.atMs < COUNTED_TO_MS; next = due.shift()) next.run(next.atMs);
  const share = ({ idleMs }: { readonly idleMs: number }) => 1 - idleMs / (COUNTED_TO_MS - COUNTED_FROM_MS);
  return [share(sides[0]), share(sides[1])];
}

/** A sender that always has something to send, over a path with a rate and the same latency both ways. */
function played({ bytesPerMs, latencyMs }: { readonly bytesPerMs: number; readonly latencyMs: number }) {
  const transits = new Transits(limits);
  const toldMs: number[] = [];
  let [nowMs, freeAtMs, told, idleMs, countedMs, mostWaitingMs] = [0, 0, 0, 0, 0, 0];
  while (told < 1_500) {
    while (transits.hasRoom) {
      transits.sent(CHUNK_BYTES, nowMs);
      const isCounted = told > 1_200;
      if (isCounted) idleMs += Math.max(0, nowMs - freeAtMs);
      freeAtMs = Math.max(freeAtMs, nowMs) + CHUNK_BYTES / bytesPerMs;
      if (isCounted) mostWaitingMs = Math.max(mostWaitingMs, freeAtMs - nowMs);
      toldMs.push(freeAtMs + 2 * latencyMs);
    }
    const nextMs = toldMs.shift()!;
    if (told > 1_200) countedMs += nextMs - nowMs;
    nowMs = nextMs;
    transits.confirm({ received: ++told, cameMs: clockOf(nowMs - latencyMs) }, nowMs);
  }
  return { busyShare: 1 - idleMs / countedMs, mostWaitingMs };
}
