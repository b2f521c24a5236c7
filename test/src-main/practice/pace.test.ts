import { describe, expect, it } from 'vitest';
import {
  afterMissed,
  firstBlockMs,
  nextBlockMs,
  PACE,
  type PaceSeen,
} from '../../../src-main/practice/pace.ts';

const blocks = { ready: 12, gather: 2, average: 4, exchange: 2 };
const free = { atLeastMs: 0, mayQuicken: true };
const nothing: PaceSeen = { stepMs: null, gatherMs: null, averageMs: null, exchangeMs: null, ...free };
const idle: PaceSeen = { stepMs: 80, gatherMs: 300, averageMs: 900, exchangeMs: 700, ...free };

describe('the first block time', () => {
  it('is the fastest where a round holds enough steps, and where nothing was measured', () => {
    expect(firstBlockMs(30, { trainers: 4, cores: 2 }, blocks)).toBe(PACE.fastestMs);
    expect(firstBlockMs(null, { trainers: 4, cores: 2 }, blocks)).toBe(PACE.fastestMs);
  });

  it('grows until eight shared steps fit before the ready block, up to a ceiling', () => {
    const blockMs = firstBlockMs(1_200, { trainers: 4, cores: 2 }, blocks);
    expect(blockMs * blocks.ready).toBeGreaterThanOrEqual(PACE.stepsPerRound * 1_200 * 2);
    expect(firstBlockMs(1e9, { trainers: 4, cores: 1 }, blocks)).toBe(PACE.slowestMs);
  });
});

describe('the next block time', () => {
  it('gets longer at any time, and shorter only where that disturbs nothing', () => {
    expect(nextBlockMs(3_000, { ...idle, mayQuicken: false }, blocks)).toBe(3_000);
    expect(nextBlockMs(3_000, idle, blocks)).toBe(1_800);
    expect(nextBlockMs(3_000, { ...idle, averageMs: 12_000, mayQuicken: false }, blocks)).toBe(5_000);
  });

  it('stays where nothing was seen, and where changes are noise', () => {
    expect(nextBlockMs(2_000, nothing, blocks)).toBe(2_000);
    expect(nextBlockMs(1_000, { ...idle, averageMs: 2_500 }, blocks)).toBe(1_000);
  });

  it('slows down at once for steps, contributions and averages that take long', () => {
    expect(nextBlockMs(1_000, { ...idle, stepMs: 4_000 }, blocks)).toBeGreaterThanOrEqual(2_600);
    expect(nextBlockMs(1_000, { ...idle, gatherMs: 3_600 }, blocks)).toBe(3_000);
    expect(nextBlockMs(1_000, { ...idle, averageMs: 7_200 }, blocks)).toBe(3_000);
  });

  it('slows down before an exchange is late, and never for one that takes what it may', () => {
    expect(nextBlockMs(1_000, { ...idle, exchangeMs: 1_400 }, blocks)).toBe(1_000);
    expect(nextBlockMs(1_000, { ...idle, exchangeMs: 1_800 }, blocks)).toBe(1_300);
    let blockMs = 1_000;
    for (let look = 0; look < 9; look++)
      blockMs = nextBlockMs(blockMs, { ...idle, exchangeMs: blocks.exchange * blockMs }, blocks);
    expect(blockMs).toBe(2 * PACE.fastestMs);
  });

  it('stays above what a round that came to nothing asked for, however often one looks', () => {
    const seen = { ...idle, atLeastMs: afterMissed(1_000) };
    let blockMs = 1_000;
    for (let look = 0; look < 9; look++) blockMs = nextBlockMs(blockMs, seen, blocks);
    expect(blockMs).toBe(1_500);
    expect(nextBlockMs(3_000, { ...nothing, atLeastMs: afterMissed(3_000) }, blocks)).toBe(4_500);
  });

  it('is back at the idle one within a minute of looks once the load is gone', () => {
    let blockMs = PACE.slowestMs;
    for (let look = 0; look < 30; look++) blockMs = nextBlockMs(blockMs, idle, blocks);
    expect(blockMs).toBe(PACE.fastestMs);
  });

  it('never leaves its bounds, whatever was seen', () => {
    for (const stepMs of [0, 1, 1e3, 1e6, 1e9])
      for (const atLeastMs of [0, 1_500, 1e9]) {
        const next = nextBlockMs(1_000, { ...idle, stepMs, atLeastMs }, blocks);
        expect(next).toBeGreaterThanOrEqual(PACE.fastestMs);
        expect(next).toBeLessThanOrEqual(PACE.slowestMs);
      }
  });
});
