import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nextIndexBlock } from '../../../src-main/network/epoch-rule.ts';
import { epochIndex, type RevealTerms, revealOf } from '../../../src-shared/chain/reveal.ts';
import { roundTimeMs } from '../../../src-shared/chain/timelock.ts';

const beacon = { genesisS: 1_692_803_367, periodS: 3 };
const terms: RevealTerms = {
  ...{ block: 5_000_000, timeMs: 1_760_000_000_000, blockMs: 12_000, netuid: 38, tempo: 360 },
  ...{ periodEpochs: 1, nextEpochBlock: 361 * 13_851 - 39, isByNumber: true, beacon },
};

const anyTerms = fc
  .record({
    block: fc.integer({ min: 0, max: 20_000_000 }),
    timeMs: fc.integer({ min: beacon.genesisS * 1_000, max: 4_000_000_000_000 }),
    blockMs: fc.integer({ min: 250, max: 60_000 }),
    netuid: fc.integer({ min: 0, max: 65_535 }),
    tempo: fc.integer({ min: 1, max: 50_400 }),
    periodEpochs: fc.integer({ min: 0, max: 100 }),
  })
  .map((any) => ({
    ...any,
    ...{ beacon, isByNumber: true },
    nextEpochBlock: nextIndexBlock(any.block, { ...any, lastEpochBlock: null }) ?? 0,
  }));

it('an epoch begins where block + netuid + 1 is a multiple of tempo + 1', () => {
  const first = 361 * 13_852 - 39;
  expect(
    [first - 1, first, first + 360, first + 361].map((block) => epochIndex({ ...terms, block })),
  ).toEqual([13_851, 13_852, 13_852, 13_853]);
});

it('opens three blocks behind the border, counted from the time of the chain', () => {
  const next = 361 * 13_851 - 39;
  expect(next).toBeGreaterThan(terms.block);
  const reveal = revealOf(terms);
  expect([reveal.nextEpochBlock, reveal.block]).toEqual([next, next]);
  const opensMs = terms.timeMs + (next + 3 - terms.block) * 12_000;
  expect(roundTimeMs(reveal.round)).toBeGreaterThanOrEqual(opensMs);
  expect(roundTimeMs(reveal.round - 1)).toBeLessThan(opensMs);
});

it('goes by the next epoch that the runtime names, where it does', () => {
  const { nextEpochBlock: next, block } = revealOf({
    ...terms,
    ...{ nextEpochBlock: 5_000_100, isByNumber: false, periodEpochs: 3 },
  });
  expect([next, block]).toEqual([5_000_100, 5_000_100 + 2 * 360]);
});

it('never names a round that has come, nor one that comes before its epoch does', () => {
  fc.assert(
    fc.property(anyTerms, (any) => {
      const { block, nextEpochBlock: next, round } = revealOf(any);
      const comesMs = roundTimeMs(round);
      const borderMs = any.timeMs + (block - any.block) * any.blockMs;
      expect(next).toBeGreaterThan(any.block);
      expect(next - any.block).toBeLessThanOrEqual(any.tempo + 1);
      expect(epochIndex({ ...any, block: next })).toBe(epochIndex(any) + 1);
      expect(epochIndex({ ...any, block })).toBe(epochIndex(any) + Math.max(1, any.periodEpochs));
      expect(comesMs).toBeGreaterThan(any.timeMs);
      expect(comesMs).toBeGreaterThanOrEqual(borderMs);
      expect(comesMs).toBeLessThan(borderMs + 3 * any.blockMs + beacon.periodS * 1_000);
    }),
  );
});
