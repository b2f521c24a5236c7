import { describe, expect, it } from 'vitest';
import { movingIn } from '../../src-renderer/state/moving.ts';
import { placeWanted } from '../../src-renderer/state/place-wanted.ts';
import { isWholeWeek, shownValidators } from '../../src-renderer/state/validator-rows.ts';
import type { AccountView, Intent, TransactionState } from '../../src-shared/contract/page/money.ts';
import { alphaRao, rao } from '../../src-shared/units.ts';
import * as money from '../e2e/page/money-scenes.ts';
import { me } from '../e2e/page/scenes.ts';

const account = money.full(0).account as AccountView;
const BLOCK = account.holds?.block ?? 0;

describe('validators to choose from', () => {
  const order = (by: 'stake' | 'take' | 'week') =>
    shownValidators(money.validators, account, by).map(({ uid }) => uid);

  it('stand by their stake, their take or what they brought, those of whom it is not known last', () => {
    expect([order('stake'), order('take'), order('week')]).toEqual([
      [4, 11, null],
      [11, 4, null],
      [4, 11, null],
    ]);
  });

  it('are told with what the account has on them on that subnet, and on no other', () => {
    const own = shownValidators(money.validators, account, 'stake').map(({ ownAlpha }) => ownAlpha);
    expect(own).toEqual([null, null, account.holds?.stakes[0]?.alpha]);
  });

  it('have a whole week behind them but for a block or two', () => {
    expect([isWholeWeek(7 * 86_400_000 - 24_000), isWholeWeek(6.5 * 86_400_000)]).toEqual([true, false]);
  });
});

describe('what is on its way', () => {
  const outcome = { balanceRao: null, taoRao: null, alpha: null, uid: null };
  const moving = (intent: Intent, state: TransactionState) =>
    movingIn({ ...account, transactions: [{ id: 'a', intent, atMs: 0, state, hash: null }] }).map(
      ({ at, way, amount }) => ({ at, way, amount }),
    );
  const stake = {
    kind: 'stake',
    netuid: 38,
    hotkey: me,
    amountRao: rao(2_000_000_000n),
    toleranceBps: 100,
  } as const;
  const one = { at: `38/${me}`, way: 'in', amount: 'τ 2.0000' };

  it('is there from the hand-over until a reading that is as young as its block', () => {
    expect(moving(stake, { kind: 'review' })).toEqual([]);
    expect(moving(stake, { kind: 'sent' })).toEqual([one]);
    expect(moving(stake, { kind: 'in-block', block: BLOCK + 2 })).toEqual([one]);
    expect(moving(stake, { kind: 'done', block: BLOCK + 1, outcome })).toEqual([one]);
    expect(moving(stake, { kind: 'done', block: BLOCK, outcome })).toEqual([]);
    expect(moving(stake, { kind: 'expired' })).toEqual([]);
  });

  it('leaves the stake that it is taken from, or what is free', () => {
    const sent = { kind: 'sent' } as const;
    const from = { netuid: 0, hotkey: me };
    expect(
      moving({ kind: 'unstake', ...from, amountAlpha: alphaRao(1_500_000_000n), toleranceBps: 1 }, sent),
    ).toEqual([{ at: `0/${me}`, way: 'out', amount: 'τ 1.5000' }]);
    expect(
      moving(
        { kind: 'moveStake', netuid: 38, fromHotkey: me, toHotkey: money.friend, amountAlpha: 'all' },
        sent,
      ),
    ).toEqual([{ at: `38/${me}`, way: 'out', amount: 'everything' }]);
    expect(moving({ kind: 'transfer', to: money.friend, amountRao: rao(1_000_000_000n) }, sent)).toEqual([
      { at: null, way: 'out', amount: 'τ 1.0000' },
    ]);
  });
});

describe('a place for an own hotkey', () => {
  const view = money.practising(0);
  const practised = view.account as AccountView;
  const warned = money.stakeQuote(0, {
    warnings: [{ code: 'HOTKEY_NOT_ON_SUBNET', params: { hotkey: me, netuid: 38 } }],
  });
  const wanted = (hotkey: string, netuid: number, quote = warned) =>
    placeWanted(view, practised, { netuid, hotkey }, quote);

  it('is bought on the screen of its run, or by joining where none works there', () => {
    expect(wanted(me, view.runs[me]?.facts.netuid ?? 0)).toEqual({ run: me });
    expect(wanted(me, 64)).toEqual({ run: null });
  });

  it('is none of anybody else’s, of root, or where there is one', () => {
    expect(wanted(money.friend, 64)).toBeNull();
    expect(wanted(me, 0)).toBeNull();
    expect(wanted(me, 38, money.stakeQuote(0))).toBeNull();
  });
});
