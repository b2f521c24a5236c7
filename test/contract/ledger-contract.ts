import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EarningsLedger, EpochRow, SnapshotRow } from '../../src-main/earnings/ledger.ts';
import { alphaRao, rao, ss58 } from '../../src-shared/units.ts';
import { bookEpoch, bookSnapshot, noteScanned } from '../booked.ts';

export interface LedgerBench {
  readonly ledger: EarningsLedger;
  stop(): Promise<void>;
}

const anna = ss58('5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV');
const bob = ss58('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty');
/** Odd, and above what a double holds exactly. */
const LARGE = 2n ** 53n + 1n;

const epoch = (block: number, more: Partial<EpochRow> = {}): EpochRow => ({
  hotkey: anna,
  block,
  atMs: block * 1_000,
  uid: 3,
  alpha: alphaRao(5n),
  priceRao: rao(7n),
  valueRao: rao(35n),
  ...more,
});

const stake = (block: number, more: Partial<SnapshotRow> = {}): SnapshotRow => ({
  hotkey: anna,
  coldkey: bob,
  block,
  atMs: block * 1_000,
  stakeAlpha: alphaRao(100n),
  residualAlpha: null,
  priceRao: rao(7n),
  method: 'event',
  ...more,
});

/** What earnings may expect of a ledger, wherever it keeps its rows. Every test begins with an empty one. */
export function ledgerContract(name: string, open: () => Promise<LedgerBench>): void {
  describe(`the ledger ${name}`, () => {
    let bench: LedgerBench;
    let ledger: EarningsLedger;
    beforeEach(async () => {
      bench = await open();
      ledger = bench.ledger;
    });
    afterEach(() => bench.stop());

    it('knows nothing of a hotkey that has no rows', async () => {
      expect(await ledger.lastEpochs(anna, 10)).toEqual([]);
      expect(await ledger.epochsSince(anna, 0)).toEqual([]);
      expect(await ledger.lastSnapshot(anna)).toBeNull();
      expect(await ledger.scannedBlock(anna)).toBeNull();
    });

    it('books an epoch once: the first booking stands', async () => {
      await bookEpoch(ledger, epoch(10));
      await bookEpoch(ledger, epoch(10, { alpha: alphaRao(9_999n), priceRao: null }));
      expect(await ledger.epochsSince(anna, 0)).toEqual([epoch(10)]);
    });

    it('books the same block for each hotkey', async () => {
      await bookEpoch(ledger, epoch(10));
      await bookEpoch(ledger, epoch(10, { hotkey: bob, alpha: alphaRao(8n) }));
      expect(await ledger.lastEpochs(anna, 10)).toEqual([epoch(10)]);
      expect(await ledger.lastEpochs(bob, 10)).toMatchObject([{ hotkey: bob, alpha: 8n }]);
    });

    it('lists the newest epochs first, whatever order they were booked in', async () => {
      for (const block of [20, 10, 40, 30]) await bookEpoch(ledger, epoch(block));
      expect((await ledger.lastEpochs(anna, 3)).map(({ block }) => block)).toEqual([40, 30, 20]);
    });

    it('lists no epoch where none is asked for', async () => {
      await bookEpoch(ledger, epoch(10));
      expect(await ledger.lastEpochs(anna, 0)).toEqual([]);
    });

    it('lists epochs since a moment oldest first, that moment included', async () => {
      for (const block of [30, 10, 20]) await bookEpoch(ledger, epoch(block));
      expect((await ledger.epochsSince(anna, 20_000)).map(({ block }) => block)).toEqual([20, 30]);
    });

    it('keeps amounts exact above what a double holds', async () => {
      const row = epoch(10, { alpha: alphaRao(LARGE), priceRao: rao(LARGE + 2n), valueRao: rao(LARGE * 7n) });
      await bookEpoch(ledger, row);
      await bookSnapshot(ledger, stake(10, { stakeAlpha: alphaRao(LARGE), residualAlpha: alphaRao(-LARGE) }));
      expect(await ledger.lastEpochs(anna, 1)).toEqual([row]);
      expect(await ledger.lastSnapshot(anna)).toMatchObject({ stakeAlpha: LARGE, residualAlpha: -LARGE });
    });

    it('keeps an unknown price unknown, never zero', async () => {
      await bookEpoch(ledger, epoch(10, { priceRao: null, valueRao: null }));
      await bookSnapshot(ledger, stake(10));
      expect(await ledger.lastEpochs(anna, 1)).toMatchObject([{ priceRao: null, valueRao: null }]);
      expect(await ledger.lastSnapshot(anna)).toMatchObject({ residualAlpha: null });
    });

    it('gives the snapshot of the newest block, not the one written last', async () => {
      await bookSnapshot(ledger, stake(20));
      await bookSnapshot(ledger, stake(10));
      expect(await ledger.lastSnapshot(anna)).toEqual(stake(20));
    });

    it('takes a snapshot of a block once', async () => {
      await bookSnapshot(ledger, stake(20));
      await bookSnapshot(ledger, stake(20, { stakeAlpha: alphaRao(1n) }));
      expect(await ledger.lastSnapshot(anna)).toEqual(stake(20));
    });

    it('never moves the scanned block backwards', async () => {
      await noteScanned(ledger, anna, 7);
      await noteScanned(ledger, anna, 5);
      expect(await ledger.scannedBlock(anna)).toBe(7);
      await noteScanned(ledger, anna, 8);
      expect(await ledger.scannedBlock(anna)).toBe(8);
      expect(await ledger.scannedBlock(bob)).toBeNull();
    });
  });
}
