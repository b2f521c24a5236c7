import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { allBooks, partOf } from '../../../src-main/earnings-parts.ts';
import type { AccountMoveRow } from '../../../src-main/store/rows.ts';
import { openStore, type Store } from '../../../src-main/store/store.ts';
import { rowOf } from '../../../src-main/wallet/own-transaction.ts';
import type { LedgerPart } from '../../../src-shared/contract/page/earnings.ts';
import type { TransactionOutcome } from '../../../src-shared/contract/page/money.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { alphaRao, hex, rao, ss58 } from '../../../src-shared/units.ts';

const hotkey = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const coldkey = ss58('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty');
const genesis = hex('ab'.repeat(32));
const nothing = { epoch: null, moves: [], snapshot: null, account: null };
const move: AccountMoveRow = {
  ...{ block: 3, seq: 0, atMs: 0, kind: 'transfer-in', taoRao: 7n, alpha: null, netuid: null },
  ...{ hotkey: null, other: coldkey, txHash: hex('aa') },
};

async function opened(): Promise<Store> {
  const dataDir = await mkdtemp(join(tmpdir(), 'butterfly-parts-'));
  const store = await openStore({ dataDir, onProblem: () => undefined, onRecovered: () => undefined });
  onTestFinished(async () => {
    await store.stop();
    await rm(dataDir, { recursive: true });
  });
  return store;
}
const snapshot = (block: number, method: 'event' | 'delta') => ({
  ...{ hotkey, coldkey, block, atMs: block * 1_000, stakeAlpha: alphaRao(0n), priceRao: null, method },
  residualAlpha: alphaRao(5n),
});
async function partsOf(store: Store): Promise<readonly LedgerPart[]> {
  const [books] = await allBooks(store);
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
  const query = { chain: `${genesis}/38`, hotkey, rows: 2 };
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
  const other = ss58('5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy');
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
  await expect(partOf(store, { ...books!, stakes: [] }, 'stake:7:0')).rejects.toThrow(AppError);
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
