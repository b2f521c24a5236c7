import { feeOf, PRICE_SCALE } from '../../economy/pool.ts';
import { credit, debit, spendableRao } from '../balances.ts';
import { Failure } from '../failure.ts';
import type { Context } from '../pallet.ts';
import type { Store } from '../store.ts';
import { forgetPendingChildren } from './children.ts';
import { described } from './described.ts';
import { fail } from './failures.ts';
import { recordFlow } from './flows.ts';
import { checkUnlocked } from './locks.ts';
import { isServable, mostToBuy, mostToSell, quoteBuy, quoteSell, settle, spotPrice } from './reserves.ts';
import { addStake, hotkeyExists, putOnRoot, removeStake, stakeOf } from './stake.ts';
import { ROOT_NETUID, subnets } from './storage.ts';

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

/** Whose stake, behind which hotkey, where. */
export interface Place {
  readonly coldkey: string;
  readonly hotkey: string;
  readonly netuid: number;
}

/** @returns alpha rao that it bought */
export function stake(context: Context, coldkey: string, order: Order): bigint {
  const { store, emit } = context;
  const { hotkey, netuid } = order;
  checkSubnet(store, netuid, hotkey);
  if (!store.get(subnets.SubtokenEnabled, netuid)) throw fail('SubtokenDisabled');
  const most = order.limitPrice === null ? null : mostToBuy(store, netuid, order.limitPrice);
  const amount = withinLimit(order, most);
  if (amount < MIN_STAKE_RAO + feeOf(amount)) throw fail('AmountTooLow');
  if (spendableRao(store, coldkey) < amount) throw fail('NotEnoughBalanceToStake');
  if (!isServable(store, netuid, amount, 'taoRao')) throw fail('InsufficientLiquidity');
  const { paid, received, fee, after } = quoteBuy(store, netuid, amount);
  if (received === 0n) throw fail('InsufficientLiquidity');

  debit(context, coldkey, amount, true);
  settle(store, netuid, after);
  recordFlow(store, netuid, paid);
  store.change(subnets.SubnetAlphaOut, (out) => out + received, netuid);
  addStake(store, hotkey, coldkey, netuid, received);
  markStaked(context, { coldkey, hotkey, netuid });
  emit('SubtensorModule', 'StakeAdded', [coldkey, hotkey, amount, received, netuid, fee]);
  return received;
}

export function unstake(context: Context, coldkey: string, order: Order): void {
  credit(context, coldkey, sellStake(context, coldkey, order));
  clearSmallNomination(context, { coldkey, hotkey: order.hotkey, netuid: order.netuid });
  forgetPendingChildren(context, order.hotkey);
}

/** So little on somebody else's hotkey goes to its coldkey, at any price. */
function clearSmallNomination(context: Context, place: Place): void {
  const { store } = context;
  if (!isSmallNomination(store, place)) return;
  const { coldkey, hotkey, netuid } = place;
  sellAll(context, coldkey, { hotkey, netuid }, (rao) => credit(context, coldkey, rao));
  // What cannot be sold is dropped, as on the chain.
  const left = stakeOf(store, hotkey, coldkey, netuid);
  if (left > 0n) removeStake(store, hotkey, coldkey, netuid, left);
}

/** The chain weighs in alpha: its least of a nomination, in millionths of the least order, at the price of the moment. */
function isSmallNomination(store: Store, { coldkey, hotkey, netuid }: Place): boolean {
  if (store.get(subnets.Owner, hotkey) === coldkey) return false;
  const leastRao = (MIN_STAKE_RAO * store.get(described.NominatorMinRequiredStake)) / 1_000_000n;
  const price = spotPrice(store, netuid);
  const alpha = stakeOf(store, hotkey, coldkey, netuid);
  return alpha > 0n && price > 0n && alpha < (leastRao * PRICE_SCALE) / price;
}

/** @returns rao of TAO that are nobody's yet */
function sellStake(context: Context, coldkey: string, order: Order): bigint {
  const { store, emit } = context;
  const { hotkey, netuid } = order;
  checkSubnet(store, netuid, hotkey);
  checkPace(store, { coldkey, hotkey, netuid });
  const held = stakeOf(store, hotkey, coldkey, netuid);
  if (order.amount === 0n) throw fail('AmountTooLow');
  if (order.amount > held) throw fail('NotEnoughStakeToWithdraw');
  checkUnlocked(context, { coldkey, netuid }, order.amount);
  const most = order.limitPrice === null ? null : mostToSell(store, netuid, order.limitPrice);
  const amount = withinLimit(order, most);
  if (!isServable(store, netuid, amount, 'alphaRao')) throw fail('InsufficientLiquidity');
  const { received, fee, after } = quoteSell(store, netuid, amount);
  // Everything may always be taken out, however little it is.
  if (received < MIN_STAKE_RAO && amount < held) throw fail('AmountTooLow');
  if (received === 0n) throw fail('AmountTooLow');

  removeStake(store, hotkey, coldkey, netuid, amount);
  settle(store, netuid, after);
  recordFlow(store, netuid, -received);
  store.change(subnets.SubnetAlphaOut, (out) => out - amount, netuid);
  emit('SubtensorModule', 'StakeRemoved', [coldkey, hotkey, received, amount, netuid, fee]);
  return received;
}

/** All that a coldkey has behind a hotkey on one subnet, wholly or not at all. */
export function unstakeFully(context: Context, coldkey: string, args: FullArgs): void {
  const { hotkey, netuid, limit_price } = args;
  const amount = stakeOf(context.store, hotkey, coldkey, netuid);
  unstake(context, coldkey, {
    hotkey,
    netuid,
    amount,
    limitPrice: limit_price ?? null,
    allowPartial: false,
  });
}

interface FullArgs {
  readonly hotkey: string;
  readonly netuid: number;
  readonly limit_price: bigint | null | undefined;
}

/** On every subnet; where one does not let it out, the others still do. */
export function unstakeEverywhere(context: Context, coldkey: string, hotkey: string): void {
  for (const netuid of [ROOT_NETUID, ...context.netuids()])
    sellAll(context, coldkey, { hotkey, netuid }, (rao) => credit(context, coldkey, rao));
}

/** All alpha behind a hotkey becomes TAO on root behind it. */
export function unstakeAllAlpha(context: Context, coldkey: string, hotkey: string): void {
  const { store, emit } = context;
  let rao = 0n;
  for (const netuid of context.netuids())
    sellAll(context, coldkey, { hotkey, netuid }, (received) => {
      rao += received;
    });
  if (rao === 0n) throw fail('AmountTooLow');
  putOnRoot(store, hotkey, coldkey, rao);
  recordFlow(store, ROOT_NETUID, rao);
  emit('SubtensorModule', 'StakeAdded', [coldkey, hotkey, rao, rao, ROOT_NETUID, 0n]);
}

/** What is there, at any price; where the subnet does not let it out nothing has happened. */
function sellAll(
  context: Context,
  coldkey: string,
  { hotkey, netuid }: Omit<Place, 'coldkey'>,
  use: (receivedRao: bigint) => void,
): void {
  const { store } = context;
  if (!hotkeyExists(store, hotkey)) throw fail('HotKeyAccountNotExists');
  const amount = stakeOf(store, hotkey, coldkey, netuid);
  if (amount === 0n || !store.get(subnets.SubtokenEnabled, netuid)) return;
  const order = { hotkey, netuid, amount, limitPrice: null, allowPartial: false };
  unlessRefused(() => context.nested(() => use(sellStake(context, coldkey, order))));
}

function unlessRefused(step: () => void): void {
  try {
    step();
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
  }
}

/** What was staked in this block cannot leave in it. */
export function checkPace(store: Store, { coldkey, hotkey, netuid }: Place): void {
  if (store.has(subnets.StakingOperationRateLimiter, hotkey, coldkey, netuid))
    throw fail('StakingOperationRateLimitExceeded');
}

export function markStaked({ store, atEnd, release }: Context, { coldkey, hotkey, netuid }: Place): void {
  if (!release.stakesRest) return;
  store.put(subnets.StakingOperationRateLimiter, true, hotkey, coldkey, netuid);
  atEnd(() => store.remove(subnets.StakingOperationRateLimiter, hotkey, coldkey, netuid));
}

function checkSubnet(store: Store, netuid: number, hotkey: string): void {
  if (!store.get(subnets.NetworksAdded, netuid)) throw fail('SubnetNotExists');
  if (!hotkeyExists(store, hotkey)) throw fail('HotKeyAccountNotExists');
}

/** The part of the order that the limit price lets through. @param most null: all of it */
function withinLimit({ amount, allowPartial }: Order, most: bigint | null): bigint {
  if (most === null) return amount;
  if (most === 0n) throw fail('ZeroMaxStakeAmount');
  if (amount <= most) return amount;
  if (!allowPartial) throw fail('SlippageTooHigh');
  return most;
}
