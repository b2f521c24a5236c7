import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { startEarnings } from '../../../src-main/earnings/earnings.ts';
import { allBooks, partOf } from '../../../src-main/earnings-parts.ts';
import type { ChainCall, Signer, TxFate } from '../../../src-main/network/chain.ts';
import { openStore, type Store } from '../../../src-main/store/store.ts';
import type { AccountEntry, LedgerEntry, LedgerPart } from '../../../src-shared/contract/page/earnings.ts';
import { alphaRao, rao } from '../../../src-shared/units.ts';
import { subtensor } from '../../../src-worker/devnet/runtime/subtensor/subtensor.ts';
import type { Devnet } from '../../../src-worker/devnet/start.ts';
import {
  CONTROL_TOKEN,
  connect,
  miner,
  minerHotkey,
  NETUID,
  owner,
  ownerHotkey,
  poor,
  startTestChain,
  type TestChain,
  testSigner,
} from '../network/rig.ts';

const NEW = 425;
const BLOCK_MS = 5;
const TAO = 1_000_000_000n;
const second = testSigner('//second-hotkey');
const order = { limitPriceRao: rao(1_000n * TAO), allowPartial: false };

/** A chain of one's own, its client, and a ledger that follows one stake on it. */
describe('what is booked of own operations on a chain', () => {
  let devnet: Devnet;
  let chain: TestChain;
  let store: Store;
  const { signal } = new AbortController();

  beforeEach(async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'butterfly-own-'));
    devnet = await startTestChain();
    chain = await connect([devnet.url], signal);
    store = await openStore({ dataDir, onProblem: () => undefined, onRecovered: () => undefined });
    onTestFinished(async () => {
      await store.stop();
      await chain.stop();
      await devnet.stop();
      await rm(dataDir, { recursive: true });
    });
  });

  /** One block after the other, as fast as the client follows, until the work has ended. */
  async function sealing<T>(work: Promise<T>): Promise<T> {
    let isOver = false;
    work
      .catch(() => undefined)
      .finally(() => {
        isOver = true;
      });
    for (; !isOver; await setTimeout(BLOCK_MS)) devnet.sealBlock();
    return work;
  }
  const done = async (call: ChainCall, by: Signer): Promise<Extract<TxFate, { kind: 'finalized' }>> => {
    const fate = await sealing(chain.submit(call, by, signal));
    if (fate.kind !== 'finalized') throw new Error(`${call.kind}: ${JSON.stringify(fate)}`);
    return fate;
  };
  const control = async (method: string, ...params: unknown[]) => {
    const socket = new WebSocket(devnet.url);
    await once(socket, 'open');
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [CONTROL_TOKEN, ...params] }));
    const [answer] = await once(socket, 'message');
    socket.close();
    expect(JSON.parse(String(answer)).error).toBeUndefined();
  };
  const ledger = () => store.ledger(chain.genesisHash, NETUID);

  /** Follows a stake from the newest final block on. */
  async function follow(hotkey = minerHotkey.address, coldkey = miner.address) {
    const earnings = await startEarnings({
      ...{ chain, hotkey, coldkey, ledger: ledger(), clock: { now: () => 0 } },
      onFault: (error) => expect.unreachable(String(error)),
      onGap: (gap) => expect.unreachable(gap.code),
    });
    await scanned(hotkey, chain.finalized?.number ?? 0);
    return earnings;
  }
  /** Seals until that block was looked at. */
  const scanned = async (hotkey: string, block: number) => {
    const reached = async () => {
      while (((await ledger().scannedBlock(hotkey)) ?? 0) < block) await setImmediate();
    };
    await sealing(reached());
  };
  const parts = async (): Promise<readonly LedgerPart[]> => {
    const [books] = await allBooks(store);
    if (!books) throw new Error('nothing is booked');
    const all: LedgerPart[] = [];
    for (let cursor: string | null | undefined; cursor !== null; cursor = all.at(-1)?.next ?? null)
      all.push(await partOf(store, books, cursor ?? null));
    return all;
  };
  const stakeRows = async (): Promise<readonly LedgerEntry[]> =>
    (await parts()).flatMap(({ stake }) => stake?.entries ?? []);
  const accountRows = async (): Promise<readonly AccountEntry[]> =>
    (await parts()).flatMap(({ account }) => account);

  it('names transactions and fees, transfers and places, and comes to the change of the balance', async () => {
    await done({ kind: 'startCall' }, owner);
    await done({ kind: 'burnedRegister', hotkey: minerHotkey.address, limitRao: rao(TAO) }, miner);
    const earnings = await follow();
    const opening = (await ledger().lastSnapshot(minerHotkey.address))?.block ?? 0;
    const at = (block: number) => chain.blockHash(block, signal);
    const before = await chain.balance(miner.address, await at(opening), signal);
    const hotkey = minerHotkey.address;
    const staked = await done({ kind: 'addStakeLimit', hotkey, ...order, amountRao: rao(20n * TAO) }, miner);
    const sent = await done({ kind: 'transfer', to: poor.address, amountRao: rao(TAO) }, miner);
    const got = await done({ kind: 'transfer', to: miner.address, amountRao: rao(TAO / 2n) }, owner);
    const placed = await done({ kind: 'burnedRegister', hotkey: second.address, limitRao: rao(TAO) }, miner);
    const half = alphaRao(TAO);
    const moved = { fromHotkey: hotkey, toHotkey: second.address, amountAlpha: half };
    const shifted = await done({ kind: 'moveStake', ...moved }, miner);
    const given = await done(
      { kind: 'transferStake', hotkey, toColdkey: owner.address, amountAlpha: half },
      miner,
    );
    await scanned(hotkey, Math.ceil(given.block / 20) * 20);
    await earnings.stop();

    const stakes = (await stakeRows()).filter(({ txHash }) => txHash !== null);
    expect(stakes.map(({ kind, txHash }) => [kind, txHash])).toEqual([
      ['stake', staked.hash],
      ['moved', shifted.hash],
      ['handed', given.hash],
    ]);
    expect(stakes.slice(1).map(({ alpha }) => alpha)).toEqual([-half, -half]);
    // The block that it began with may hold what was done before.
    const rows = (await accountRows()).filter(({ block }) => block > opening);
    const of = (kind: string) => rows.filter((row) => row.kind === kind);
    expect(of('transfer-out')).toMatchObject([{ taoRao: -TAO, other: poor.address, txHash: sent.hash }]);
    expect(of('transfer-in')).toMatchObject([{ taoRao: TAO / 2n, other: owner.address, txHash: got.hash }]);
    expect(of('registration')).toMatchObject([
      { netuid: NETUID, hotkey: second.address, txHash: placed.hash },
    ]);
    expect(of('tao-other')).toEqual([]);
    // A purchase stands with its stake, and not twice.
    expect(of('stake')).toEqual([]);
    const paid = stakes
      .filter(({ kind }) => kind === 'stake')
      .reduce((sum, row) => sum + (row.taoRao ?? 0n), 0n);
    const change = rows.reduce((sum, { taoRao }) => sum + taoRao, -paid);
    expect(change).toBe((await chain.balance(miner.address, await at(given.block), signal)) - before);
  });

  it('has what came back for the alpha of a subnet that ended', async () => {
    await done({ kind: 'startCall' }, owner);
    await done({ kind: 'burnedRegister', hotkey: minerHotkey.address, limitRao: rao(TAO) }, miner);
    const hotkey = minerHotkey.address;
    await done({ kind: 'addStakeLimit', hotkey, ...order, amountRao: rao(20n * TAO) }, miner);
    const earnings = await follow();
    const opening = (await ledger().lastSnapshot(hotkey))?.block ?? 0;
    const held = await chain.stake(hotkey, miner.address, await chain.blockHash(opening, signal), signal);
    const before = await chain.balance(miner.address, null, signal);
    await control('devnet_dissolve', NETUID);
    const end = devnet.sealBlock();
    await scanned(hotkey, Math.ceil(end / 20) * 20);
    await earnings.stop();
    const refund = (await chain.balance(miner.address, null, signal)) - before;
    expect(refund).toBeGreaterThan(TAO);
    const rows = (await stakeRows()).filter(({ block }) => block > opening);
    expect(rows.at(-1)).toMatchObject({ kind: 'dissolved', taoRao: refund });
    // How many epochs paid before the end is up to the machine; nothing is left after it.
    expect(rows.reduce((sum, { alpha }) => sum + alpha, 0n)).toBe(-held);
    expect((await accountRows()).filter(({ block }) => block >= end)).toEqual([]);
  });

  it("takes what a subnet's owner earned, and the chain kept, for neither pay nor loss", async () => {
    await done({ kind: 'startCall' }, owner);
    await done({ kind: 'burnedRegister', hotkey: second.address, limitRao: rao(TAO) }, owner);
    await done(
      { kind: 'addStakeLimit', hotkey: ownerHotkey.address, ...order, amountRao: rao(9n * TAO) },
      owner,
    );
    for (let block = 0; block < 12; block++) devnet.sealBlock();
    const { block } = await done(
      { kind: 'setWeights', mechanism: 0, weights: [{ uid: 1, weight: 65_535 }] },
      ownerHotkey,
    );
    const earnings = await follow(second.address, owner.address);
    await scanned(second.address, Math.ceil((block + 30) / 20) * 20);
    await earnings.stop();
    const rows = await stakeRows();
    expect(rows.length).toBeGreaterThan(0);
    expect(new Set(rows.map(({ kind, alpha }) => `${kind} ${alpha}`))).toEqual(new Set(['withheld 0']));
    expect(rows.every(({ feeRao }) => (feeRao ?? 0n) > 0n)).toBe(true);
  });

  it('is read of blocks that an older runtime wrote, by its types', async () => {
    await done({ kind: 'startCall' }, owner);
    const hotkey = minerHotkey.address;
    await done({ kind: 'burnedRegister', hotkey, limitRao: rao(TAO) }, miner);
    const bought = await done({ kind: 'addStakeLimit', hotkey, ...order, amountRao: rao(5n * TAO) }, miner);
    let epoch = devnet.sealBlock();
    const paid = async (block: number) => chain.incentivesPaid(await chain.blockHash(block, signal), signal);
    while ((await paid(epoch)) === null) epoch = devnet.sealBlock();
    const before = await chain.stakeEvents({ hotkey, coldkey: miner.address }, bought.blockHash, signal);
    expect(before?.moves).toMatchObject([{ kind: 'stake', txHash: bought.hash }]);
    const old = await paid(epoch);
    const gone = new Promise<void>((resolve) => chain.on('connection', (is) => is && resolve()));
    // The newer runtime has the events of this pallet at another place.
    const { index } = subtensor;
    onTestFinished(() => void Object.assign(subtensor, { index }));
    Object.assign(subtensor, { index: index + 100 });
    await control('devnet_upgrade', NEW);
    await sealing(gone);
    expect(chain.callIndexes().has('SubtensorModule.register_limit')).toBe(true);
    const events = await chain.stakeEvents({ hotkey, coldkey: miner.address }, bought.blockHash, signal);
    expect(events).toEqual(before);
    expect(await paid(epoch)).toEqual(old);
  });
});
