import { expect, it } from 'vitest';
import type { ChainCall, TxFate } from '../../../src-main/network/chain.ts';
import type { RegistrationTerms } from '../../../src-main/network/money.ts';
import { stateOf } from '../../../src-main/wallet/outcome.ts';
import type { OwnTransaction } from '../../../src-main/wallet/own-transaction.ts';
import type { Intent } from '../../../src-shared/contract/page/money.ts';
import { alphaRao, hex, rao, ss58 } from '../../../src-shared/units.ts';
import { HOTKEY, stake, unstake } from './desk-rig.ts';

const { signal } = new AbortController();
const hash = hex('ab'.repeat(32));
const transaction: OwnTransaction = {
  ...{ id: 't', account: { network: 'practice', coldkey: ss58(HOTKEY) }, genesisHash: hash, netuid: 38 },
  ...{ intent: stake(1), atMs: 1, state: { kind: 'sent' }, isOpen: true },
  call: {
    kind: 'addStakeLimit',
    hotkey: HOTKEY,
    amountRao: rao(1n),
    limitPriceRao: rao(1n),
    allowPartial: true,
  },
  signed: { encoded: '0x00', hash, birthBlock: 1, lastBlock: 64 },
};
let fullUntil: number | null = null;
const chain = {
  ownChange: async () => -5n,
  newest: () => ({ number: 20, hash, seenAtMs: 0 }),
  registration: async () => ({ fullUntil }) as RegistrationTerms,
};
const told = (fate: TxFate, ownChange = async (): Promise<bigint | null> => -5n) =>
  stateOf(transaction, fate, { ...chain, ownChange }, signal);
const inBlock = { kind: 'finalized', hash, block: 7, blockHash: hash } as const;
const effect = { kind: 'staked', taoRao: rao(9n), alpha: alphaRao(8n), fee: 1n } as const;

it('what was paid is the difference of balances, and unknown where that cannot be told', async () => {
  const outcome = { balanceRao: -5n, taoRao: 9n, alpha: 8n, uid: null };
  expect(await told({ ...inBlock, effect })).toEqual({ kind: 'done', block: 7, outcome });
  const unread = await told({ ...inBlock, effect }, () => Promise.reject(new Error('pruned')));
  expect(unread).toMatchObject({ kind: 'done', outcome: { balanceRao: null, taoRao: 9n } });
});

it('an order that is carried out whole or not at all is done by its success, whatever its events say', async () => {
  for (const call of [
    { ...transaction.call, allowPartial: false },
    { kind: 'transfer', to: ss58(HOTKEY), amountRao: rao(1n) },
  ] as ChainCall[])
    expect(await stateOf({ ...transaction, call }, { ...inBlock, effect: null }, chain, signal)).toEqual({
      ...{ kind: 'done', block: 7 },
      outcome: { balanceRao: -5n, taoRao: null, alpha: null, uid: null },
    });
});

it('an order that the chain took and that did nothing is told as such, and as no success', async () => {
  expect(await told({ ...inBlock, effect: null })).toEqual({
    ...{ kind: 'refused', block: 7 },
    error: { code: 'ORDER_DID_NOTHING', params: {} },
  });
});

it('a refusal says whether a block holds it: else no fee was paid', async () => {
  const fault = { kind: 'refused', hash, module: 'SubtensorModule', error: 'SlippageTooHigh' } as const;
  expect(await told({ ...fault, block: 9 })).toMatchObject({
    block: 9,
    error: { code: 'PRICE_PASSED_LIMIT' },
  });
  expect(await told({ ...fault, block: null })).toMatchObject({ block: null });
});

it('what nobody can tell is unknown, and never failed', async () => {
  const unknown = { kind: 'unknown', hash } as const;
  expect(await told({ ...unknown, block: null })).toEqual({ kind: 'unknown', searchedToBlock: null });
  const held = { kind: 'unknown', searchedToBlock: 7, block: 7 };
  expect(await told({ ...unknown, block: 7 })).toEqual(held);
  expect(await told({ kind: 'expired', hash })).toEqual({ kind: 'expired' });
});

it('a refusal that holds for some blocks alone says which block can take the same again', async () => {
  const register = { kind: 'register', netuid: 38, hotkey: ss58(HOTKEY), limitRao: rao(1n) } as const;
  const again = async (intent: Intent, error: string, block: number | null) => {
    const fate = { kind: 'refused', hash, module: 'SubtensorModule', error, block } as const;
    const state = await stateOf({ ...transaction, intent }, fate, chain, signal);
    return state.kind === 'refused' ? state.retryBlock : 'no refusal';
  };
  expect(await again(unstake('all'), 'StakingOperationRateLimitExceeded', 9)).toBe(10);
  expect(await again(unstake('all'), 'StakingOperationRateLimitExceeded', null)).toBe(21);
  expect(await again(register, 'TooManyRegistrationsThisBlock', 20)).toBe(21);
  fullUntil = 100;
  expect(await again(register, 'TooManyRegistrationsThisInterval', 20)).toBe(100);
  expect(await again(stake(1), 'SlippageTooHigh', 9)).toBeUndefined();
});
