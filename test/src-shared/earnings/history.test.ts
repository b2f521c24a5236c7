import { describe, expect, it } from 'vitest';
import type { SnapshotRow } from '../../../src-main/earnings/ledger.ts';
import { alphaRao, rao, ss58 } from '../../../src-shared/units.ts';
import { bookEpoch, bookSnapshot } from '../../booked.ts';
import { MemoryLedger } from '../../fakes/memory-ledger.ts';

const hotkey = ss58('5Hotkey');
const coldkey = ss58('5Coldkey');
const priceRao = rao(500_000_000n);
const snapshot = (block: number, over: Partial<SnapshotRow>): SnapshotRow => ({
  ...{ hotkey, coldkey, block, atMs: block * 1_000, stakeAlpha: alphaRao(0n) },
  ...{ residualAlpha: alphaRao(0n), priceRao, method: 'event' },
  ...over,
});

describe('the history of a hotkey', () => {
  it('is pay, dividends, own operations and holes, by their blocks, each with its worth', async () => {
    const ledger = new MemoryLedger();
    await bookSnapshot(ledger, snapshot(1, { residualAlpha: null }));
    await bookEpoch(ledger, {
      ...{ hotkey, block: 11, atMs: 11_000, uid: 1, alpha: alphaRao(40n), priceRao, valueRao: rao(20n) },
    });
    await bookSnapshot(ledger, snapshot(11, { residualAlpha: alphaRao(7n) }));
    await ledger.bookBlock({
      ...{ hotkey, block: 13, epoch: null, snapshot: null, account: null },
      moves: [
        {
          ...{ hotkey, coldkey, block: 13, seq: 0, atMs: 13_000, kind: 'unstake', alpha: -30n },
          ...{ taoRao: rao(14n), feeRao: 1n, priceRao, txHash: null },
        },
      ],
    });
    await bookSnapshot(ledger, snapshot(900, { residualAlpha: alphaRao(-9n), method: 'delta' }));
    const found = await ledger.history(hotkey, null);
    expect(found).toMatchObject({ hotkey, coldkey, netuid: 38, sinceMs: 1_000, isCut: false });
    expect(
      found.entries.map(({ block, kind, alpha, taoRao, fromMs }) => [block, kind, alpha, taoRao, fromMs]),
    ).toEqual([
      [11, 'incentive', 40n, 20n, null],
      [11, 'dividend', 7n, 3n, null],
      [13, 'unstake', -30n, 14n, null],
      [900, 'unseen', -9n, -4n, 11_000],
    ]);
  });

  it('takes nothing for dividends that an older Butterfly left over: own staking may be in it', async () => {
    const ledger = new MemoryLedger();
    await bookSnapshot(ledger, snapshot(1, { residualAlpha: null, method: null }));
    await bookSnapshot(ledger, snapshot(11, { residualAlpha: alphaRao(1_000n), method: null }));
    expect((await ledger.history(hotkey, null)).entries).toEqual([]);
  });

  it('is empty, and says so, where nothing was booked', async () => {
    expect(await new MemoryLedger().history(hotkey, null)).toMatchObject({ sinceMs: null, entries: [] });
  });
});
