import { describe, expect, it } from 'vitest';
import { epochIndex, revealOf } from '../../../src-shared/chain/reveal.ts';
import { firstAllowed, pendingOpenings } from '../../../src-shared/chain/weights-clock.ts';

describe('the clock of weights', () => {
  it('lets weights be set once more blocks than the limit have passed', () => {
    // The chain refuses while block - lastUpdate <= limit.
    expect(firstAllowed(100, 5)).toBe(106);
  });

  it('opens a commit of this epoch at its reveal block, and each older one an epoch earlier', () => {
    const at = { epochBlock: 1_000, revealBlock: 1_200, epochBlocks: 100 };
    expect(pendingOpenings([1_050, 1_000, 999, 900, 899], at)).toEqual([
      { block: 1_050, opensBlock: 1_200 },
      { block: 1_000, opensBlock: 1_200 },
      { block: 999, opensBlock: 1_100 },
      { block: 900, opensBlock: 1_100 },
      { block: 899, opensBlock: 1_000 },
    ]);
  });

  it('says the same of a commit now and an epoch later', () => {
    const netuid = 38;
    const tempo = 10;
    const length = tempo + 1;
    /** First block of the epoch after that of a block, by the older rule. */
    const next = (block: number) => (epochIndex({ block, netuid, tempo }) + 1) * length - (netuid + 1);
    const termsAt = (block: number) => ({
      ...{ block, timeMs: 0, blockMs: 12_000, netuid, tempo, periodEpochs: 3, isByNumber: true },
      ...{ nextEpochBlock: next(block), beacon: { genesisS: 0, periodS: 3 } },
    });
    for (let made = 500; made < 500 + 3 * length; made++) {
      const opens = revealOf(termsAt(made)).block;
      for (let block = made; block < opens; block++) {
        const { nextEpochBlock, block: revealBlock } = revealOf(termsAt(block));
        const at = { epochBlock: nextEpochBlock - length, revealBlock, epochBlocks: length };
        expect(pendingOpenings([made], at)).toEqual([{ block: made, opensBlock: opens }]);
      }
    }
  });
});
