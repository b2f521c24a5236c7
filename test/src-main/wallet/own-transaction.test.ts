import { expect, it } from 'vitest';
import { watchElsewhere } from '../../../src-main/wallet/elsewhere.ts';
import { UNREADABLE_BARS_MS } from '../../../src-main/wallet/limits.ts';
import { type OwnTransaction, ofRow, rowOf } from '../../../src-main/wallet/own-transaction.ts';
import { openTransactions } from '../../../src-main/wallet/transactions.ts';
import type { Intent } from '../../../src-shared/contract/page/money.ts';
import { hex, rao, ss58 } from '../../../src-shared/units.ts';
import { HOTKEY, stake } from './desk-rig.ts';

const OTHER = ss58('5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV');
const hash = hex('ab'.repeat(32));
const transaction: OwnTransaction = {
  ...{ id: 't', account: { network: 'practice', coldkey: ss58(HOTKEY) }, genesisHash: hash, netuid: 38 },
  ...{ intent: stake(1), atMs: 1, isOpen: false },
  call: {
    kind: 'addStakeLimit',
    hotkey: HOTKEY,
    amountRao: rao(1n),
    limitPriceRao: rao(2n),
    allowPartial: false,
  },
  signed: { encoded: '0x0102', hash, birthBlock: 1, lastBlock: 64 },
  state: {
    kind: 'done',
    block: 7,
    outcome: { balanceRao: -5n, taoRao: rao(2n ** 64n - 1n), alpha: null, uid: 3 },
  },
};

it('comes back from its row as it was, to the last rao', () => {
  expect(ofRow(rowOf(transaction))).toEqual(transaction);
  const state = {
    kind: 'refused',
    block: 7,
    error: { code: 'STAKE_RESTS', params: {} },
    retryBlock: 8,
  } as const;
  const all = { ...transaction, intent: { ...stake(1), amountRao: 'all' } as Intent, state };
  expect(ofRow(rowOf(all))).toEqual(all);
});

it.each<[string, (body: string) => string]>([
  ['is no JSON', () => '{'],
  ['has another state', (body) => body.replace('"done"', '"won"')],
  ['has another call', (body) => body.replace('addStakeLimit', 'burnAlpha')],
  ['has no bytes', (body) => body.replace('0x0102', '0x01020')],
  ['names nobody', (body) => body.replaceAll(HOTKEY, `${HOTKEY.slice(0, -1)}1`)],
])('a row that %s is none', (_what, change) => {
  const row = rowOf(transaction);
  const body = change(row.body);
  expect(body).not.toBe(row.body);
  expect(ofRow({ ...row, body })).toBeNull();
});

it('open and unreadable counts as under way for a day, in one’s own journal and in another’s', async () => {
  const row = { ...rowOf(transaction), atMs: Date.now(), isOpen: true, body: '{"version":9}' };
  const { coldkey } = transaction.account;
  const refused = { code: 'ORDER_UNREADABLE' };
  const old = { ...row, atMs: row.atMs - UNREADABLE_BARS_MS - 1 };
  const own = (one: typeof row) =>
    openTransactions({ keep: async () => undefined, list: async () => [one] }, () => undefined);
  const elsewhere = (one: typeof row) => watchElsewhere(async () => [one]).open(hash, coldkey);
  const journal = await own(row);
  expect(() => journal.onChain(hash, coldkey)).toThrow(expect.objectContaining(refused));
  await expect(elsewhere(row)).rejects.toMatchObject(refused);
  // Neither another coldkey's, nor one whose era is long over, nor one that has ended.
  expect(journal.onChain(hash, OTHER)).toEqual([]);
  for (const one of [old, { ...row, isOpen: false }]) {
    expect((await own(one)).onChain(hash, coldkey)).toEqual([]);
    expect(await elsewhere(one)).toEqual([]);
  }
});
