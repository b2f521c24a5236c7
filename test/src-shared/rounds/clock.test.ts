import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  averagingEvery,
  firstBlockOf,
  outcomeBlockOf,
  readClock,
  startBlock,
} from '../../../src-shared/rounds/clock.ts';
import { runs } from '../../runs.ts';

const numRuns = runs(500, 5_000);
const clock = {
  start: { kind: 'block', block: 1_000 },
  blockMs: 1_000,
  blocksPerRound: 20,
  ready: 12,
  roster: 13,
  outcome: 17,
  finalityLag: 1,
} as const;

describe('round clock', () => {
  it('counts rounds from the start block', () => {
    expect(readClock(clock, 1_000, 1_000)).toEqual({ round: 0, offset: 0, phase: 'work' });
    expect(readClock(clock, 1_000, 1_019)).toEqual({ round: 0, offset: 19, phase: 'after-outcome' });
    expect(readClock(clock, 1_000, 1_020)).toEqual({ round: 1, offset: 0, phase: 'work' });
  });

  it('is negative before the start', () => {
    expect(readClock(clock, 1_000, 999)).toEqual({ round: -1, offset: 19, phase: 'before-start' });
    expect(readClock(clock, 1_000, 0)).toMatchObject({ round: -50, phase: 'before-start' });
  });

  it('changes phase exactly at the offsets of the profile', () => {
    const phases = [11, 12, 13, 16, 17].map((offset) => readClock(clock, 1_000, 1_000 + offset).phase);
    expect(phases).toEqual(['work', 'ready', 'reduce', 'reduce', 'after-outcome']);
  });

  it('knows no start before the first emission', () => {
    const byEmission = { ...clock, start: { kind: 'first-emission' } } as const;
    expect(startBlock(byEmission, null)).toBeNull();
    expect(startBlock(byEmission, 77)).toBe(77);
    expect(startBlock(clock, 77)).toBe(1_000);
  });

  it('gives every block one round and one offset, whatever the start', () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.nat(1e9), fc.integer({ min: 18, max: 5_000 }), (start, block, length) => {
        const read = readClock({ ...clock, blocksPerRound: length }, start, block);
        expect(firstBlockOf({ ...clock, blocksPerRound: length }, start, read.round) + read.offset).toBe(
          block,
        );
        expect(read.offset).toBeGreaterThanOrEqual(0);
        expect(read.offset).toBeLessThan(length);
        expect(read.round < 0).toBe(block < start);
      }),
      { numRuns },
    );
  });

  it('puts the outcome of a round before the next one begins', () => {
    expect(outcomeBlockOf(clock, 1_000, 3)).toBe(1_077);
    expect(outcomeBlockOf(clock, 1_000, 3)).toBeLessThan(firstBlockOf(clock, 1_000, 4));
  });
});

describe('rounds that average', () => {
  const space = { blocksPerRound: 750, epochBlocks: 361, maxBytesPerEpoch: 3_100, commitmentBytes: 256 };

  it('are all where an epoch holds fewer rounds than half of the writes', () => {
    expect(averagingEvery(space)).toBe(1);
    expect(averagingEvery({ ...space, blocksPerRound: 20, epochBlocks: 11 })).toBe(1);
  });

  it('are every n-th where it holds more', () => {
    // 19 rounds in 361 blocks, 6 writes: every fourth round needs 5 of them.
    expect(averagingEvery({ ...space, blocksPerRound: 20 })).toBe(4);
  });

  it('count at least 100 bytes a write', () => {
    expect(averagingEvery({ ...space, blocksPerRound: 20, commitmentBytes: 1 })).toBe(2);
  });

  it('never need more than half of the writes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000 }),
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 200, max: 20_000 }),
        (blocksPerRound, epochBlocks, maxBytesPerEpoch) => {
          const at = { blocksPerRound, epochBlocks, maxBytesPerEpoch, commitmentBytes: 100 };
          const rounds = Math.ceil(epochBlocks / blocksPerRound);
          const writes = Math.ceil(rounds / averagingEvery(at));
          expect(writes).toBeLessThanOrEqual(Math.max(1, Math.floor(maxBytesPerEpoch / 200)));
        },
      ),
      { numRuns },
    );
  });
});
