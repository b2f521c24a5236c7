import { buy, buyUpTo, feeOf, MAX_INPUT_RESERVES, sell, sellDownTo } from '../../economy/pool.ts';
import { credit, debit, spendableRao } from '../balances.ts';
import type { Context } from '../pallet.ts';
import type { Store } from '../store.ts';
import { fail } from './failures.ts';
import { reservesOf, settle } from './reserves.ts';
import { addStake, hotkeyExists, removeStake, stakeOf } from './stake.ts';
import { subnets } from './storage.ts';

/** 0.002 TAO: the least that an order may move, its fee not counted. */
export const MIN_STAKE_RAO = 2_000_000n;

export interface Order {
  readonly hotkey: string;
  readonly netuid: number;
  /** TAO rao when buying, alpha rao when selling. */
  readonly amount: bigint;
  /** Rao of TAO for 1 alpha: the most to pay, or the least to take. Null: no protection. */
  readonly limitPrice: bigint | null;
  readonly allowPartial: boolean;
}

export function stake(context: Context, coldkey: string, order: Order): void {
  const { store, emit } = context;
  const { hotkey, netuid } = order;
  checkMarket(store, netuid, hotkey);
  const pool = reservesOf(store, netuid);
  const amount = withinLimit(
    order,
    order.limitPrice === null ? order.amount : buyUpTo(pool, order.limitPrice),
  );
  if (amount < MIN_STAKE_RAO + feeOf(amount)) throw fail('AmountTooLow');
  if (spendableRao(store, coldkey) < amount) throw fail('NotEnoughBalanceToStake');
  if (amount > pool.taoRao * MAX_INPUT_RESERVES) throw fail('InsufficientLiquidity');
  const { received, fee, after } = buy(pool, amount);
  if (received === 0n) throw fail('InsufficientLiquidity');

  debit(context, coldkey, amount, true);
  settle(store, netuid, after);
  store.change(subnets.SubnetAlphaOut, (out) => out + received, netuid);
  addStake(store, hotkey, coldkey, netuid, received);
  emit('SubtensorModule', 'StakeAdded', [coldkey, hotkey, amount, received, netuid, fee]);
}

export function unstake(context: Context, coldkey: string, order: Order): void {
  const { store, emit } = context;
  const { hotkey, netuid } = order;
  checkMarket(store, netuid, hotkey);
  const held = stakeOf(store, hotkey, coldkey, netuid);
  if (order.amount === 0n || order.amount > held) throw fail('NotEnoughStakeToWithdraw');
  const pool = reservesOf(store, netuid);
  const amount = withinLimit(
    order,
    order.limitPrice === null ? order.amount : sellDownTo(pool, order.limitPrice),
  );
  if (amount > pool.alphaRao * MAX_INPUT_RESERVES) throw fail('InsufficientLiquidity');
  const { received, fee, after } = sell(pool, amount);
  // Everything may always be taken out, however little it is.
  if (received < MIN_STAKE_RAO && amount < held) throw fail('AmountTooLow');
  if (received === 0n) throw fail('AmountTooLow');

  removeStake(store, hotkey, coldkey, netuid, amount);
  settle(store, netuid, after);
  store.change(subnets.SubnetAlphaOut, (out) => out - amount, netuid);
  credit(context, coldkey, received);
  emit('SubtensorModule', 'StakeRemoved', [coldkey, hotkey, received, amount, netuid, fee]);
}

function checkMarket(store: Store, netuid: number, hotkey: string): void {
  if (!store.get(subnets.NetworksAdded, netuid)) throw fail('SubnetNotExists');
  if (!store.get(subnets.SubtokenEnabled, netuid)) throw fail('SubtokenDisabled');
  if (!hotkeyExists(store, hotkey)) throw fail('HotKeyAccountNotExists');
}

/** The part of the order that the limit price lets through. */
function withinLimit({ amount, limitPrice, allowPartial }: Order, most: bigint): bigint {
  if (limitPrice === null) return amount;
  if (most === 0n) throw fail('ZeroMaxStakeAmount');
  if (amount <= most) return amount;
  if (!allowPartial) throw fail('SlippageTooHigh');
  return most;
}
