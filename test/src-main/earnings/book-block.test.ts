import { describe, expect, it } from 'vitest';
import { type BookingOptions, bookingOf, type Stretch } from '../../../src-main/earnings/book-block.ts';
import type { BookedBlock } from '../../../src-main/earnings/ledger.ts';
import type { Hashed, StakeEvents } from '../../../src-main/network/reads/stake-events.ts';
import type { StakeMove } from '../../../src-main/network/reads/stake-moves.ts';
import type { SubnetOwner } from '../../../src-main/network/reads/subnet.ts';
import { alphaRao, hex, rao, ss58 } from '../../../src-shared/units.ts';
import { MemoryLedger } from '../../fakes/memory-ledger.ts';

const { signal } = new AbortController();
const hotkey = ss58('5Hotkey');
const coldkey = ss58('5Coldkey');
const quiet: StakeEvents = { incentives: null, moves: [], unsaid: null, account: [], refundRao: null };
const move = (kind: StakeMove['kind'], alpha: bigint): Hashed<StakeMove> => ({
  kind,
  alpha,
  taoRao: rao(1n),
  fee: 0n,
  txHash: hex('aa'),
});

/** A stake whose blocks are told by hand: what their events say, and what it is after them. */
function stakeOf() {
  const ledger = new MemoryLedger();
  let uid: number | null = 1;
  let owner: SubnetOwner = { coldkey: ss58('5Owner'), hotkey: ss58('5OwnerHot') };
  const book = async (
    block: number,
    events: StakeEvents | null,
    stake: bigint,
    stretch: Stretch = 'next',
  ): Promise<BookedBlock | null> => {
    const options: BookingOptions = {
      hotkey,
      coldkey,
      ledger,
      clock: { now: () => 0 },
      chain: {
        blockHash: async () => hex('00'),
        stake: async () => alphaRao(stake),
        alphaPrice: async () => rao(500_000_000n),
        stakeEvents: async () => events,
        blockTimeMs: async () => block * 12_000,
        uidOf: async () => uid,
        owner: async () => owner,
      },
    };
    const booked = await bookingOf(options, block, hex('00'), stretch, signal);
    if (booked) await ledger.bookBlock(booked);
    return booked;
  };
  return {
    ledger,
    book,
    setUid: (next: number | null) => {
      uid = next;
    },
    setOwner: (next: SubnetOwner) => {
      owner = next;
    },
  };
}
const paid = (...incentives: bigint[]): StakeEvents => ({ ...quiet, incentives: incentives.map(alphaRao) });

describe('what is booked of a block', () => {
  it('is nothing where nothing happened to the stake, and the opening where it is the first', async () => {
    const { book, ledger } = stakeOf();
    await book(5, null, 100n, 'first');
    expect(await book(6, null, 100n)).toBeNull();
    expect(ledger.snapshots).toMatchObject([
      { block: 5, stakeAlpha: 100n, residualAlpha: null, method: 'event' },
    ]);
  });

  it('is pay by its event, and what the stake gained besides as dividends', async () => {
    const { book } = stakeOf();
    await book(5, null, 100n, 'first');
    expect(await book(9, paid(0n, 40n), 147n)).toMatchObject({
      epoch: { uid: 1, alpha: 40n, valueRao: 20n, atMs: 108_000 },
      snapshot: { residualAlpha: 7n, method: 'event', priceRao: 500_000_000n },
    });
  });

  it('never takes own staking for dividends', async () => {
    const { book } = stakeOf();
    await book(5, null, 100n, 'first');
    await book(7, { ...quiet, moves: [move('stake', 1_000n)] }, 1_100n);
    const events = { ...paid(0n, 40n), moves: [move('unstake', -300n), move('burned', -10n)] };
    expect(await book(9, events, 830n)).toMatchObject({ snapshot: { residualAlpha: 0n } });
  });

  it('is the change of the stake where an event names no amount', async () => {
    const { book } = stakeOf();
    await book(5, null, 5_000n, 'first');
    expect(await book(6, { ...quiet, unsaid: 'claimed' }, 5_600n)).toMatchObject({
      moves: [{ kind: 'claimed', alpha: 600n, taoRao: null }],
      snapshot: null,
    });
    expect((await book(7, { ...quiet, unsaid: 'other' }, 5_600n))?.moves).toEqual([]);
  });

  it.each([
    [rao(700n), 700n],
    [null, null],
  ])(
    'is the end of the stake where its subnet is dissolved, for what came back: %s',
    async (refundRao, taoRao) => {
      const { book } = stakeOf();
      await book(5, null, 5_000n, 'first');
      expect(await book(6, { ...quiet, unsaid: 'dissolved', refundRao }, 0n)).toMatchObject({
        moves: [{ kind: 'dissolved', alpha: -5_000n, priceRao: null, taoRao }],
      });
    },
  );

  it('is its end and no loss of dividends where the last block has an epoch too', async () => {
    const { book } = stakeOf();
    await book(5, null, 5_000n, 'first');
    const events: StakeEvents = { ...paid(0n, 40n), unsaid: 'dissolved', refundRao: rao(700n) };
    expect(await book(6, events, 0n)).toMatchObject({
      epoch: { alpha: 40n },
      moves: [{ kind: 'dissolved', alpha: -5_040n, taoRao: 700n }],
      snapshot: null,
    });
  });

  it.each([
    { coldkey, hotkey: null },
    { coldkey: null, hotkey },
  ])("is no pay, and no loss, where it is the subnet owner's: %o", async (owner) => {
    const { book, setOwner } = stakeOf();
    setOwner(owner);
    await book(5, null, 100n, 'first');
    expect(await book(9, paid(0n, 40n), 107n)).toMatchObject({
      epoch: null,
      moves: [{ kind: 'withheld', alpha: 0n, feeRao: 40n }],
      snapshot: { residualAlpha: 7n },
    });
  });

  it('is no row of pay where an epoch announced the owner nothing, and one of zero for anybody else', async () => {
    const { book, setOwner, ledger } = stakeOf();
    await book(5, null, 100n, 'first');
    await book(9, paid(40n, 0n), 100n);
    setOwner({ coldkey, hotkey: null });
    expect(await book(18, paid(40n, 0n), 100n)).toMatchObject({ epoch: null, moves: [] });
    expect(ledger.epochs.map(({ block, alpha }) => [block, alpha])).toEqual([[9, 0n]]);
  });

  it('tells a stretch with a hole apart: what came in it is one sum, and no dividends', async () => {
    const { book } = stakeOf();
    await book(5, null, 100n, 'first');
    expect(await book(900, null, 450n, 'after-gap')).toMatchObject({
      snapshot: { residualAlpha: 350n, method: 'delta' },
    });
    expect(await book(910, paid(0n, 40n), 490n)).toMatchObject({
      snapshot: { residualAlpha: 0n, method: 'event' },
    });
  });

  it('goes by the place that the hotkey had in the epoch, and by none where it had none', async () => {
    const { book, setUid, ledger } = stakeOf();
    await book(5, null, 0n, 'first');
    await book(9, paid(1n, 40n, 9n), 40n);
    setUid(2);
    await book(18, paid(1n, 40n, 9n), 49n);
    setUid(null);
    expect(await book(27, paid(1n, 40n, 9n), 49n)).toMatchObject({
      epoch: null,
      snapshot: { residualAlpha: 0n },
    });
    expect(ledger.epochs.map(({ uid, alpha }) => [uid, alpha])).toEqual([
      [1, 40n],
      [2, 9n],
    ]);
  });

  it('is the same when it is read again, also after later ones were booked', async () => {
    const { book, ledger } = stakeOf();
    await book(5, null, 100n, 'first');
    const stake = { ...quiet, moves: [move('stake', 1_000n)] };
    await book(7, stake, 1_100n);
    await book(9, paid(0n, 40n), 1_140n);
    const before = structuredClone([ledger.epochs, ledger.moves, ledger.snapshots]);
    await book(7, stake, 1_100n);
    await book(9, paid(0n, 40n), 1_140n);
    expect([ledger.epochs, ledger.moves, ledger.snapshots]).toEqual(before);
  });

  it('does not trust what an older Butterfly left over', async () => {
    const { book, ledger } = stakeOf();
    await ledger.bookBlock({
      ...{ hotkey, block: 5, epoch: null, moves: [], account: null },
      snapshot: {
        ...{ hotkey, coldkey, block: 5, atMs: 0, stakeAlpha: alphaRao(100n), residualAlpha: alphaRao(3n) },
        ...{ priceRao: null, method: null },
      },
    });
    expect(await book(9, paid(0n, 40n), 200n)).toMatchObject({
      snapshot: { residualAlpha: 60n, method: 'delta' },
    });
  });
});
