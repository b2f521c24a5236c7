import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Earnings, startEarnings } from '../../../src-main/earnings/earnings.ts';
import type { BookedBlock } from '../../../src-main/earnings/ledger.ts';
import type { ChainCall, Signer } from '../../../src-main/network/chain.ts';
import { alphaRao, rao } from '../../../src-shared/units.ts';
import type { Devnet } from '../../../src-worker/devnet/start.ts';
import { MemoryLedger } from '../../fakes/memory-ledger.ts';
import {
  connect,
  connectedIs,
  miner,
  minerHotkey,
  NETUID,
  owner,
  ownerHotkey,
  sealing,
  startTestChain,
  startWire,
  type TestChain,
  type Wire,
  when,
} from '../network/rig.ts';

const EPOCH_BLOCKS = 11;
const limitRao = rao(10n ** 9n);

describe('earnings on a chain that pays', () => {
  const life = new AbortController();
  const { signal } = life;
  let devnet: Devnet;
  let wire: Wire;
  let chain: TestChain;
  let earnings: Earnings | null = null;
  let sealed = 0;

  const isEpoch = (block: number) => (block + NETUID + 1) % EPOCH_BLOCKS === EPOCH_BLOCKS - 1;
  async function done(call: ChainCall, signer: Signer): Promise<void> {
    expect(await sealing(devnet, chain.submit(call, signer, signal))).toMatchObject({ kind: 'finalized' });
  }
  function sealEpoch(): number {
    let block = devnet.sealBlock();
    while (!isEpoch(block)) block = devnet.sealBlock();
    devnet.sealBlock();
    sealed = devnet.sealBlock();
    return block;
  }
  /** The client hears of sealed blocks a moment later; a ledger must begin after what earlier tests sealed. */
  async function heard(): Promise<void> {
    const newest = sealed - 1;
    if ((chain.finalized?.number ?? 0) < newest)
      await when(chain, 'finalized', ({ number }) => number >= newest);
  }
  async function begin(ledger: MemoryLedger, hotkey = minerHotkey, coldkey = miner): Promise<Earnings> {
    await heard();
    const keys = { hotkey: hotkey.address, coldkey: coldkey.address };
    return startEarnings({
      chain,
      ...keys,
      ledger,
      clock: { now: chainNow },
      onGap: ({ code }) => expect.unreachable(code),
    });
  }
  // The test chain keeps its own time; "today" is the day of its blocks.
  const chainNow = () => 1_700_000_000_000 + 3_600_000;
  const booked = (running: Earnings, ledger: MemoryLedger, block: number): Promise<void> =>
    new Promise((resolve) => {
      const look = () => {
        // Every epoch leaves a snapshot, also one that paid nothing.
        if (!ledger.snapshots.some((row) => row.block === block)) return;
        off();
        resolve();
      };
      const off = running.onChange(look);
      look();
    });

  beforeAll(async () => {
    devnet = await startTestChain();
    wire = await startWire(devnet.url);
    chain = await connect([wire.url], signal);
    await done({ kind: 'burnedRegister', hotkey: minerHotkey.address, limitRao }, miner);
    await done({ kind: 'startCall' }, owner);
    const stake = { hotkey: ownerHotkey.address, amountRao: rao(100n * 10n ** 9n) };
    await done(
      { kind: 'addStakeLimit', allowPartial: false, ...stake, limitPriceRao: rao(10n ** 10n) },
      owner,
    );
    sealEpoch();
    await done({ kind: 'setWeights', mechanism: 0, weights: [{ uid: 1, weight: 65_535 }] }, ownerHotkey);
    sealEpoch();
  });
  afterEach(async () => {
    await earnings?.stop();
    earnings = null;
  });
  afterAll(async () => {
    await chain.stop();
    await wire.stop();
    await devnet.stop();
  });

  it('are what the chain paid, to the last unit', async () => {
    const ledger = new MemoryLedger();
    earnings = await begin(ledger);
    const [first, second] = [sealEpoch(), sealEpoch()];
    await booked(earnings, ledger, second);
    const gained =
      (await chain.stake(minerHotkey.address, miner.address, await chain.blockHash(second, signal), signal)) -
      (await chain.stake(minerHotkey.address, miner.address, await chain.blockHash(first, signal), signal));
    const row = ledger.epochs.find(({ block }) => block === second);
    expect(row?.alpha).toBe(gained);
    expect(row?.alpha).toBeGreaterThan(0n);
    expect(ledger.epochs.map(({ block }) => block)).toEqual([first, second]);
  });

  it('are worth the price of their block', async () => {
    const ledger = new MemoryLedger();
    earnings = await begin(ledger);
    const block = sealEpoch();
    await booked(earnings, ledger, block);
    const price = await chain.alphaPrice(await chain.blockHash(block, signal), signal);
    const row = ledger.epochs.at(-1);
    expect(row?.priceRao).toBe(price);
    expect(row?.valueRao).toBe(((row?.alpha ?? 0n) * (price ?? 0n)) / 10n ** 9n);
  });

  it('leave no residual for a miner that does nothing else', async () => {
    const ledger = new MemoryLedger();
    earnings = await begin(ledger);
    sealEpoch();
    const block = sealEpoch();
    await booked(earnings, ledger, block);
    await earnings.stop();
    const [first, second] = ledger.snapshots;
    expect(first?.residualAlpha).toBeNull();
    const left = second?.residualAlpha ?? alphaRao(1_000n);
    expect(left >= -10n && left <= 10n).toBe(true);
  });

  it('leave a validator dividends as its residual', async () => {
    const ledger = new MemoryLedger();
    earnings = await begin(ledger, ownerHotkey, owner);
    sealEpoch();
    const block = sealEpoch();
    await booked(earnings, ledger, block);
    await earnings.stop();
    expect(ledger.epochs).toEqual([]);
    expect(ledger.snapshots.at(-1)?.residualAlpha).toBeGreaterThan(0n);
  });

  it('show the day, the last epoch and the block of the next', async () => {
    const ledger = new MemoryLedger();
    earnings = await begin(ledger);
    const block = sealEpoch();
    await booked(earnings, ledger, block);
    const view = await earnings.view();
    expect(view.todayAlpha).toBe(ledger.epochs[0]?.alpha);
    expect(view.todayRao).toBe(ledger.epochs[0]?.valueRao);
    expect(view.lastEpoch?.block).toBe(block);
    expect(view.nextEpochBlock).toBe(block + EPOCH_BLOCKS);
  });

  it('book epochs that passed while the app was closed, each once', async () => {
    const ledger = new MemoryLedger();
    earnings = await begin(ledger);
    const first = sealEpoch();
    await booked(earnings, ledger, first);
    await earnings.stop();
    const missed = [sealEpoch(), sealEpoch()];
    earnings = await begin(ledger);
    const last = sealEpoch();
    await booked(earnings, ledger, last);
    expect(ledger.epochs.map(({ block }) => block)).toEqual([first, ...missed, last]);
  });

  it('miss nothing while the connection is away', async () => {
    const ledger = new MemoryLedger();
    earnings = await begin(ledger);
    const first = sealEpoch();
    await booked(earnings, ledger, first);
    wire.cut();
    await connectedIs(chain, false);
    const away = sealEpoch();
    wire.mend();
    await booked(earnings, ledger, away);
    expect(ledger.epochs.map(({ block }) => block)).toEqual([first, away]);
  });

  it('wait for a ledger that fails and then book the same block', async () => {
    const faults: unknown[] = [];
    class FailingOnce extends MemoryLedger {
      override bookBlock(booked: BookedBlock): Promise<void> {
        const fails = booked.epoch !== null && faults.length === 0;
        return fails ? Promise.reject(new Error('disk full')) : super.bookBlock(booked);
      }
    }
    const ledger = new FailingOnce();
    await heard();
    const keys = { hotkey: minerHotkey.address, coldkey: miner.address };
    const onFault = (error: unknown) => faults.push(error);
    earnings = await startEarnings({
      chain,
      ...keys,
      ledger,
      clock: { now: chainNow },
      onFault,
      onGap: ({ code }) => expect.unreachable(code),
    });
    const block = sealEpoch();
    await booked(earnings, ledger, block);
    expect(faults).toHaveLength(1);
    expect(ledger.epochs.map((row) => row.block)).toEqual([block]);
  });
});
