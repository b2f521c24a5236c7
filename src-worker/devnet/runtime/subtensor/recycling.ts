import { badOrigin } from '../failure.ts';
import type { Context } from '../pallet.ts';
import { fail } from './failures.ts';
import { hotkeyExists, removeStake, stakeOf } from './stake.ts';
import { stake } from './staking.ts';
import { ROOT_NETUID, subnets } from './storage.ts';

interface GivenUp {
  readonly hotkey: string;
  /** Alpha rao; more than is held means all of it. */
  readonly amount: bigint;
  readonly netuid: number;
}

/** Gives alpha up; the subnet may emit it once more. */
export function recycleAlpha(context: Context, coldkey: string, given: GivenUp): void {
  const amount = giveUp(context, coldkey, given);
  context.store.change(subnets.SubnetAlphaOut, (out) => out - amount, given.netuid);
  context.emit('SubtensorModule', 'AlphaRecycled', [coldkey, given.hotkey, amount, given.netuid]);
}

/** Gives alpha up for good: it stays among what has been emitted, and is nobody's. */
export function burnAlpha(context: Context, coldkey: string, given: GivenUp): void {
  const amount = giveUp(context, coldkey, given);
  context.emit('SubtensorModule', 'AlphaBurned', [coldkey, given.hotkey, amount, given.netuid]);
}

function giveUp({ store }: Context, coldkey: string, { hotkey, amount, netuid }: GivenUp): bigint {
  if (!store.get(subnets.NetworksAdded, netuid)) throw fail('SubnetNotExists');
  if (netuid === ROOT_NETUID) throw fail('CannotBurnOrRecycleOnRootSubnet');
  if (!store.get(subnets.SubtokenEnabled, netuid)) throw fail('SubtokenDisabled');
  if (!hotkeyExists(store, hotkey)) throw fail('HotKeyAccountNotExists');
  const held = stakeOf(store, hotkey, coldkey, netuid);
  const given = amount < held ? amount : held;
  if (given > 0n) removeStake(store, hotkey, coldkey, netuid, given);
  return given;
}

interface BurnOrder {
  readonly hotkey: string;
  readonly netuid: number;
  /** Rao of TAO. */
  readonly amount: bigint;
  /** Rao of TAO for 1 alpha, never passed; none: no protection. */
  readonly limit: bigint | null | undefined;
}

/** A subnet's owner buys its alpha and burns it, at most once a tempo. */
export function buyAndBurn(context: Context, coldkey: string, order: BurnOrder): void {
  const { store, block, emit } = context;
  const { hotkey, netuid, amount, limit } = order;
  if (store.get(subnets.SubnetOwner, netuid) !== coldkey) throw badOrigin();
  const key = { type: 'AddStakeBurn', value: netuid };
  const last = store.get(subnets.LastRateLimitedBlock, key);
  if (last > 0n && BigInt(block) - last < BigInt(store.get(subnets.Tempo, netuid)))
    throw fail('AddStakeBurnRateLimitExceeded');
  const alpha = stake(context, coldkey, {
    hotkey,
    netuid,
    amount,
    limitPrice: limit ?? null,
    allowPartial: false,
  });
  burnAlpha(context, coldkey, { hotkey, amount: alpha, netuid });
  store.put(subnets.LastRateLimitedBlock, BigInt(block), key);
  emit('SubtensorModule', 'AddStakeBurn', { netuid, hotkey, amount, alpha });
}
