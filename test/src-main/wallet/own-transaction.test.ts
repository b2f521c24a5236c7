import { expect, it } from 'vitest';
import { type OwnTransaction, ofRow, rowOf } from '../../../src-main/wallet/own-transaction.ts';
import type { Intent } from '../../../src-shared/contract/page/money.ts';
import { hex, rao, ss58 } from '../../../src-shared/units.ts';
import { HOTKEY, stake } from './desk-rig.ts';

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
