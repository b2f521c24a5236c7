import { PRICE_SCALE, type Quote } from '../../economy/pool.ts';
import type { Context } from '../pallet.ts';
import type { Store } from '../store.ts';
import { fail } from './failures.ts';
import { recordFlow } from './flows.ts';
import { checkUnlocked } from './locks.ts';
import { isServable, quoteBuy, quoteSell, settle, spotPrice } from './reserves.ts';
import { addStake, hotkeyExists, removeStake, stakeOf } from './stake.ts';
import { checkPace, MIN_STAKE_RAO, markStaked, type Place } from './staking.ts';
import { ROOT_NETUID, subnets } from './storage.ts';

interface Move {
  readonly from: Place;
  readonly to: Place;
  /** Alpha rao of the origin; more than is held means all of it. */
  readonly alpha: bigint;
  /** Least alpha of the destination for 1e9 of the origin, on the average of the move. Null: no protection. */
  readonly limitPrice?: bigint | null;
  readonly allowPartial?: boolean;
}

export function moveStake(context: Context, coldkey: string, args: MoveArgs): void {
  const [from, to] = [
    { coldkey, hotkey: args.origin_hotkey, netuid: args.origin_netuid },
    { coldkey, hotkey: args.destination_hotkey, netuid: args.destination_netuid },
  ];
  const moved = carryOut(context, { from, to, alpha: args.alpha_amount });
  markStaked(context, to);
  context.emit('SubtensorModule', 'StakeMoved', [
    coldkey,
    from.hotkey,
    from.netuid,
    to.hotkey,
    to.netuid,
    moved,
  ]);
}

interface MoveArgs {
  readonly origin_hotkey: string;
  readonly destination_hotkey: string;
  readonly origin_netuid: number;
  readonly destination_netuid: number;
  readonly alpha_amount: bigint;
}

/** To another holder, behind the same hotkey: only where both subnets let stake change hands. */
export function transferStake(context: Context, coldkey: string, args: TransferArgs): void {
  const { hotkey, origin_netuid, destination_netuid, destination_coldkey } = args;
  const from = { coldkey, hotkey, netuid: origin_netuid };
  const to = { coldkey: destination_coldkey, hotkey, netuid: destination_netuid };
  const isOpen = (netuid: number) => context.store.get(subnets.TransferToggle, netuid);
  const moved = carryOut(context, { from, to, alpha: args.alpha_amount });
  // Asked for last, as on the chain: what is wrong with the amount is told first.
  if (!isOpen(origin_netuid) || !isOpen(destination_netuid)) throw fail('TransferDisallowed');
  context.emit('SubtensorModule', 'StakeTransferred', [
    coldkey,
    destination_coldkey,
    hotkey,
    origin_netuid,
    destination_netuid,
    moved,
  ]);
}

interface TransferArgs {
  readonly destination_coldkey: string;
  readonly hotkey: string;
  readonly origin_netuid: number;
  readonly destination_netuid: number;
  readonly alpha_amount: bigint;
}

/** From one subnet to another, behind the same hotkey. */
export function swapStake(context: Context, coldkey: string, args: SwapArgs): void {
  const { hotkey, origin_netuid, destination_netuid, alpha_amount } = args;
  const from = { coldkey, hotkey, netuid: origin_netuid };
  const to = { coldkey, hotkey, netuid: destination_netuid };
  const { limit_price: limitPrice = null, allow_partial: allowPartial = false } = args;
  const moved = carryOut(context, { from, to, alpha: alpha_amount, limitPrice, allowPartial });
  markStaked(context, to);
  context.emit('SubtensorModule', 'StakeSwapped', [
    coldkey,
    hotkey,
    origin_netuid,
    destination_netuid,
    moved,
  ]);
}

interface SwapArgs {
  readonly hotkey: string;
  readonly origin_netuid: number;
  readonly destination_netuid: number;
  readonly alpha_amount: bigint;
  readonly limit_price?: bigint;
  readonly allow_partial?: boolean;
}

/** @returns rao of TAO that went from one subnet to the other, or what the alpha is worth that stayed on one. */
function carryOut(context: Context, move: Move): bigint {
  const { store } = context;
  const { from, to } = move;
  checkMove(store, from, to);
  const held = stakeOf(store, from.hotkey, from.coldkey, from.netuid);
  const alpha = move.alpha < held ? move.alpha : held;
  // Within a subnet and a coldkey as much stays as was there.
  if (from.netuid !== to.netuid || from.coldkey !== to.coldkey) checkUnlocked(context, from, alpha);
  if (from.netuid === to.netuid) return handOver(context, from, to, alpha);
  const amount = withinLimit(store, { ...move, alpha });
  const { sold, bought } = through(store, from.netuid, to.netuid, amount);
  if (sold.received <= MIN_STAKE_RAO) throw fail('AmountTooLow');
  if (!isServable(store, from.netuid, amount, 'alphaRao') || bought.received === 0n)
    throw fail('InsufficientLiquidity');
  take(context, from, amount, sold);
  settle(store, from.netuid, sold.after);
  settle(store, to.netuid, bought.after);
  give(context, to, sold.received, bought);
  return sold.received;
}

function checkMove(store: Store, from: Place, to: Place): void {
  if (from.coldkey === to.coldkey && from.hotkey === to.hotkey && from.netuid === to.netuid)
    throw fail('SameNetuid');
  checkPace(store, from);
  for (const { netuid } of [from, to])
    if (!store.get(subnets.NetworksAdded, netuid)) throw fail('SubnetNotExists');
  for (const { netuid } of [from, to])
    if (!store.get(subnets.SubtokenEnabled, netuid)) throw fail('SubtokenDisabled');
  for (const { hotkey } of [from, to]) if (!hotkeyExists(store, hotkey)) throw fail('HotKeyAccountNotExists');
}

/** Within one subnet nothing is traded: no fee, no price moves, both events at the price of the moment. */
function handOver(context: Context, from: Place, to: Place, alpha: bigint): bigint {
  const worth = (alpha * spotPrice(context.store, from.netuid)) / PRICE_SCALE;
  if (worth < MIN_STAKE_RAO) throw fail('AmountTooLow');
  removeStake(context.store, from.hotkey, from.coldkey, from.netuid, alpha);
  addStake(context.store, to.hotkey, to.coldkey, to.netuid, alpha);
  emitRemoved(context, from, alpha, { received: worth, fee: 0n });
  emitAdded(context, to, worth, { received: alpha, fee: 0n });
  return worth;
}

/** A move pays one fee: on the subnet it leaves, or, coming from root, on the one it enters. */
function through(store: Store, origin: number, destination: number, alpha: bigint) {
  const sold = quoteSell(store, origin, alpha);
  const fee = origin === ROOT_NETUID ? undefined : 0n;
  return { sold, bought: quoteBuy(store, destination, sold.received, fee) };
}

/**
 * The part of a move that its limit lets through. The chain speaks of the average of the whole move, alpha that comes
 * in for alpha that goes out; here the fee counts too, so nothing arrives at less than the limit says.
 */
function withinLimit(store: Store, { from, to, alpha, limitPrice, allowPartial }: Move): bigint {
  if (limitPrice === null || limitPrice === undefined) return alpha;
  const holds = (amount: bigint) =>
    through(store, from.netuid, to.netuid, amount).bought.received * PRICE_SCALE >= limitPrice * amount;
  if (holds(alpha)) return alpha;
  if (!allowPartial) throw fail('SlippageTooHigh');
  let [low, high] = [0n, alpha];
  while (low + 1n < high) {
    const middle = (low + high) / 2n;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  if (low === 0n) throw fail('ZeroMaxStakeAmount');
  return low;
}

function take(context: Context, from: Place, alpha: bigint, quote: Quote): void {
  removeStake(context.store, from.hotkey, from.coldkey, from.netuid, alpha);
  context.store.change(subnets.SubnetAlphaOut, (out) => out - alpha, from.netuid);
  recordFlow(context.store, from.netuid, -quote.received);
  emitRemoved(context, from, alpha, quote);
}

function give(context: Context, to: Place, rao: bigint, { received, fee }: Quote): void {
  addStake(context.store, to.hotkey, to.coldkey, to.netuid, received);
  context.store.change(subnets.SubnetAlphaOut, (out) => out + received, to.netuid);
  recordFlow(context.store, to.netuid, rao - fee);
  emitAdded(context, to, rao, { received, fee });
}

type Traded = Pick<Quote, 'received' | 'fee'>;

function emitRemoved({ emit }: Context, from: Place, alpha: bigint, { received, fee }: Traded): void {
  const { coldkey, hotkey, netuid } = from;
  emit('SubtensorModule', 'StakeRemoved', [coldkey, hotkey, received, alpha, netuid, fee]);
}

function emitAdded({ emit }: Context, to: Place, rao: bigint, { received, fee }: Traded): void {
  const { coldkey, hotkey, netuid } = to;
  emit('SubtensorModule', 'StakeAdded', [coldkey, hotkey, rao, received, netuid, fee]);
}
