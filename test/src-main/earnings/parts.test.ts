import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { expect, it, onTestFinished } from 'vitest';
import { allBooks, partOf } from '../../../src-main/earnings-parts.ts';
import type { AccountMoveRow } from '../../../src-main/store/rows.ts';
import { openStore, type Store } from '../../../src-main/store/store.ts';
import { TERMINAL_FOLDER } from '../../../src-main/store/terminal-folder.ts';
import { type OwnTransaction, rowOf } from '../../../src-main/wallet/own-transaction.ts';
import { hostApiArguments } from '../../../src-shared/contract/page/arguments.ts';
import type { LedgerPart } from '../../../src-shared/contract/page/earnings.ts';
import type { TransactionOutcome } from '../../../src-shared/contract/page/money.ts';
import { ownBook } from '../../../src-shared/earnings/own-csv.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { alphaRao, type Hex, hex, rao, type Ss58, ss58 } from '../../../src-shared/units.ts';

const hotkey = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const coldkey = ss58('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty');
const other = ss58('5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy');
const genesis = hex('ab'.repeat(32));
let folder = '';
const nothing = { epoch: null, moves: [], snapshot: null, account: null };
const move: AccountMoveRow = {
  ...{ block: 3, seq: 0, atMs: 0, kind: 'transfer-in', taoRao: 7n, alpha: null, netuid: null },
  ...{ hotkey: null, other: coldkey, txHash: hex('aa') },
};

async function opened(below?: string): Promise<Store> {
  const dataDir = below ?? (await mkdtemp(join(tmpdir(), 'butterfly-parts-')));
  folder = dataDir;
  const store = await openStore({ dataDir, onProblem: () => undefined, onRecovered: () => undefined });
  onTestFinished(async () => {
    await store.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  return store;
}
const snapshot = (block: number, method: 'event' | 'delta') => ({
  ...{ hotkey, coldkey, block, atMs: block * 1_000, stakeAlpha: alphaRao(0n), priceRao: null, method },
  residualAlpha: alphaRao(5n),
});
async function partsOf(store: Store, run: string | null = null): Promise<readonly LedgerPart[]> {
  const [all] = await allBooks(store);
  const books = all && {
    ...all,
    stakes: all.stakes.filter((stake) => run === null || stake.hotkey === run),
  };
  if (!books) throw new Error('nothing is booked');
  const parts: LedgerPart[] = [];
  for (let cursor: string | null | undefined; cursor !== null; cursor = parts.at(-1)?.next ?? null)
    parts.push(await partOf(store, books, cursor ?? null));
  return parts;
}

it('a ledger in parts has each row once, whole blocks together, and holes with their beginning', async () => {
  const store = await opened();
  const ledger = store.ledger(genesis, 38);
  const own = { hotkey, coldkey, atMs: 0, taoRao: rao(3n), feeRao: null, priceRao: null, txHash: hex('bb') };
  const twice = [0, 1].map((seq) => ({ ...own, block: 5, seq, kind: 'stake', alpha: 9n }));
  await ledger.bookBlock({ ...nothing, hotkey, block: 1, snapshot: snapshot(1, 'event') });
  await ledger.bookBlock({ ...nothing, hotkey, block: 5, moves: twice, snapshot: snapshot(5, 'event') });
  await ledger.bookBlock({ ...nothing, hotkey, block: 9, snapshot: snapshot(9, 'delta') });
  const query = { chain: `${genesis}/38`, hotkey, rows: 2, elsewhere: [] };
  const read = [await store.parts.stake({ ...query, after: 0 })];
  for (let after = read[0]?.next; after != null; after = read.at(-1)?.next)
    read.push(await store.parts.stake({ ...query, after }));
  expect(read.map(({ entries }) => entries.map(({ kind, fromMs }) => [kind, fromMs]))).toEqual([
    [
      ['stake', null],
      ['stake', null],
      ['dividend', null],
    ],
    [['unseen', 5_000]],
  ]);
});

it('two hotkeys of a coldkey are one set of books, in which what both saw stands once', async () => {
  const store = await opened();
  const bought = {
    ...{ ...move, seq: 1, kind: 'stake', taoRao: -3n, alpha: 9n, netuid: 39, hotkey: other },
  };
  const account = { coldkey, moves: [move, bought] };
  for (const [netuid, who] of [[38, hotkey] as const, [39, other] as const])
    await store.ledger(genesis, netuid).bookBlock({
      ...{ hotkey: who, block: 3, epoch: null, account },
      snapshot: { ...snapshot(3, 'event'), hotkey: who },
      moves:
        who === other
          ? [
              {
                ...bought,
                coldkey,
                seq: 0,
                taoRao: rao(3n),
                alpha: 9n,
                feeRao: null,
                priceRao: null,
                hotkey: who,
              },
            ]
          : [],
    });
  const parts = await partsOf(store);
  expect(parts.flatMap((part) => part.account)).toEqual([{ ...move, seq: undefined }]);
  expect(parts.flatMap(({ stake }) => stake?.entries ?? [])).toMatchObject([{ kind: 'stake', alpha: 9n }]);
  const [books] = await allBooks(store);
  expect(books?.stakes.map((stake) => stake.netuid)).toEqual([38, 39]);
  await expect(partOf(store, { ...books!, stakes: [] }, `stake:38:${hotkey}:0`)).rejects.toThrow(AppError);
});

it('orders that no block told of are in it, with what the network took', async () => {
  const store = await opened();
  await store.ledger(genesis, 38).bookBlock({
    ...{ ...nothing, hotkey, block: 3, snapshot: snapshot(3, 'event') },
    account: { coldkey, moves: [move] },
  });
  const order = async (hash: string, outcome: Partial<TransactionOutcome>, block = 2) =>
    store.transactions.keep(
      rowOf({
        ...{ id: hash, genesisHash: genesis, netuid: 0, atMs: 4, isOpen: false },
        account: { network: 'here', coldkey },
        intent: { kind: 'transfer', to: hotkey, amountRao: rao(50n) },
        call: { kind: 'transfer', to: hotkey, amountRao: rao(50n) },
        signed: { encoded: '0x00', hash: hex(hash.repeat(32)), birthBlock: 1, lastBlock: 9 },
        state: {
          ...{ kind: 'done', block },
          outcome: { balanceRao: null, taoRao: rao(50n), alpha: null, uid: null, ...outcome },
        },
      }),
    );
  await order('cc', { balanceRao: -52n });
  await order('dd', {}, 7);
  const rows = (await partsOf(store)).flatMap(({ account }) => account);
  expect(rows.map(({ kind, taoRao, block, txHash }) => [kind, taoRao, block, txHash])).toEqual([
    ['transfer-in', 7n, 3, 'aa'],
    ['transfer-out', -50n, 2, 'cc'.repeat(32)],
    ['network-fee', -2n, 2, 'cc'.repeat(32)],
    ['transfer-out', -50n, 7, 'dd'.repeat(32)],
  ]);
});

const ALPHA = 9_000_000_000n;
const stakeOrder = (block: number, hash = 'ee') =>
  rowOf({
    ...{ id: hash, genesisHash: genesis, netuid: 38, atMs: 4, isOpen: false },
    account: { network: 'here', coldkey },
    intent: { kind: 'stake', netuid: 38, hotkey, amountRao: rao(3n), toleranceBps: 100 },
    call: {
      ...{ kind: 'addStakeLimit', hotkey, amountRao: rao(3n), limitPriceRao: rao(1n), allowPartial: false },
    },
    signed: { encoded: '0x00', hash: hex(hash.repeat(32)), birthBlock: 1, lastBlock: 9 },
    state: {
      ...{ kind: 'done', block },
      outcome: { balanceRao: -5n, taoRao: rao(3n), alpha: alphaRao(ALPHA), uid: null },
    },
  } as OwnTransaction);
const bought = (block: number, txHash: Hex | null = null, who = hotkey) => ({
  ...{ hotkey: who, coldkey, block, seq: 0, atMs: 5, kind: 'stake', alpha: ALPHA, taoRao: rao(3n) },
  ...{ feeRao: null, priceRao: null, txHash },
});
const first = { ...nothing, hotkey, block: 1, snapshot: { ...snapshot(1, 'event'), residualAlpha: null } };
const after = (block: number, residual: bigint) => ({
  ...{ ...nothing, hotkey, block },
  snapshot: { ...snapshot(block, 'delta'), residualAlpha: alphaRao(residual) },
});
/** What there is of alpha and TAO, each row as it stands. */
const rowsOf = (parts: readonly LedgerPart[]) =>
  parts.flatMap(({ account, stake }) => [
    ...account.map(({ kind, taoRao, alpha }) => [kind, taoRao, alpha]),
    ...(stake?.entries ?? []).map(({ kind, taoRao, alpha }) => [kind, taoRao, alpha]),
  ]);
const order = [
  ['stake', -3n, ALPHA],
  ['network-fee', -2n, null],
];

it('a purchase in a stretch that nobody looked at stands once: as the order, and not in the rest too', async () => {
  const store = await opened();
  const ledger = store.ledger(genesis, 38);
  await ledger.bookBlock(first);
  await store.transactions.keep(stakeOrder(200));
  await ledger.bookBlock(after(500, ALPHA + 7n));
  // Another hole, in which nothing was ordered.
  await ledger.bookBlock(after(900, 4n));
  expect(rowsOf(await partsOf(store))).toEqual([...order, ['unseen', null, 7n], ['unseen', null, 4n]]);
});

it('a purchase that only the run of another hotkey saw is not in the rest either', async () => {
  const store = await opened();
  await store.ledger(genesis, 38).bookBlock(first);
  const seen = { ...move, block: 200, kind: 'stake', taoRao: -3n, alpha: ALPHA, netuid: 38, hotkey };
  await store.ledger(genesis, 39).bookBlock({
    ...{ ...nothing, hotkey: other, block: 200, snapshot: { ...first.snapshot, block: 200, hotkey: other } },
    account: { coldkey, moves: [seen] },
  });
  await store.ledger(genesis, 38).bookBlock(after(500, ALPHA + 7n));
  expect(rowsOf(await partsOf(store))).toEqual([
    ['stake', -3n, ALPHA],
    ['unseen', null, 7n],
  ]);
});

it('an order that older books have without its transaction stands once, and its fee with it', async () => {
  const store = await opened();
  const ledger = store.ledger(genesis, 38);
  await ledger.bookBlock(first);
  await store.transactions.keep(stakeOrder(200));
  await ledger.bookBlock({ ...nothing, hotkey, block: 200, moves: [bought(200)] });
  await ledger.bookBlock(after(500, 7n));
  expect(rowsOf(await partsOf(store))).toEqual([
    ['network-fee', -2n, null],
    ['stake', 3n, ALPHA],
    ['unseen', null, 7n],
  ]);
});

it('the books of one hotkey have what was paid for the stake of another', async () => {
  const store = await opened();
  await store.ledger(genesis, 38).bookBlock(first);
  const paid = { ...move, block: 5, kind: 'stake', taoRao: -3n, alpha: ALPHA, netuid: 39, hotkey: other };
  await store.ledger(genesis, 39).bookBlock({
    ...{ ...nothing, hotkey: other, block: 5, moves: [bought(5, hex('aa'), other)] },
    snapshot: { ...snapshot(5, 'event'), hotkey: other, residualAlpha: null },
    account: { coldkey, moves: [paid] },
  });
  // Of before the coldkey's TAO was looked at, with the order of it; and what no event of its TAO tells.
  await store.transactions.keep(stakeOrder(6));
  await store.ledger(genesis, 38).bookBlock({ ...nothing, hotkey, block: 6, moves: [bought(6)] });
  const ended = { ...bought(7, null, other), kind: 'dissolved', alpha: -ALPHA, taoRao: rao(4n) };
  await store.ledger(genesis, 39).bookBlock({ ...nothing, hotkey: other, block: 7, moves: [ended] });
  expect(rowsOf(await partsOf(store, hotkey))).toEqual([
    ['stake', -3n, ALPHA],
    ['network-fee', -2n, null],
    ['dissolved', 4n, -ALPHA],
    ['stake', 3n, ALPHA],
  ]);
  expect(rowsOf(await partsOf(store, other))).toEqual([
    ...order,
    ['stake', 3n, ALPHA],
    ['dissolved', 4n, -ALPHA],
  ]);
  expect((await partsOf(store, hotkey)).flatMap(({ account }) => account).at(-1)?.netuid).toBe(39);
});

it('what was ordered at the terminal is in it', async () => {
  const store = await opened();
  await store.ledger(genesis, 38).bookBlock(first);
  const terminal = await opened(await mkdir(join(folder, TERMINAL_FOLDER), { recursive: true }));
  await terminal.transactions.keep(stakeOrder(200));
  expect(rowsOf(await partsOf(store))).toEqual(order);
});

it('a run that begins while the books are read moves no part, and each row has a name of its own', async () => {
  const store = await opened();
  const last = ss58('5HGjWAeFDfFCWPsjFQdVV2Msvz2XtMktvgocEZcCj68kUMaw');
  const paid = async (who: Ss58) =>
    store.ledger(genesis, 38).bookBlock({
      ...{ ...nothing, hotkey: who, block: 360 },
      snapshot: { ...snapshot(360, 'event'), hotkey: who, residualAlpha: null },
      epoch: {
        hotkey: who,
        block: 360,
        atMs: 9,
        uid: 1,
        alpha: alphaRao(5n),
        priceRao: null,
        valueRao: null,
      },
    });
  await paid(hotkey);
  await paid(last);
  const seen = { ...move, block: 200, kind: 'stake', netuid: 38, alpha: 1n, hotkey: other };
  await store
    .ledger(genesis, 38)
    .bookBlock({ ...nothing, hotkey, block: 200, account: { coldkey, moves: [seen] } });
  await store.transactions.keep(stakeOrder(200));
  await store.transactions.keep(stakeOrder(200, 'ff'));
  const book = ownBook(null);
  let text = '';
  const read: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const [books] = await allBooks(store);
    const part = await partOf(store, books!, cursor ?? null);
    text += book.add(part);
    if (part.stake) read.push(part.stake.hotkey);
    cursor = part.next;
    if (cursor !== null) expect(v.is(hostApiArguments.ledgerPart, [hotkey, cursor])).toBe(true);
    if (cursor?.includes(last)) await paid(other);
  }
  expect(read).toEqual([hotkey, last]);
  const names = text
    .trim()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(',')[2]);
  expect(names).toHaveLength(7);
  expect(new Set(names).size).toBe(7);
});
