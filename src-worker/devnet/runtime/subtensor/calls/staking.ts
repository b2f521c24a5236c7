import type { CallRule, Value } from '../../pallet.ts';
import { burnAlpha, buyAndBurn, recycleAlpha } from '../recycling.ts';
import { stake, unstake, unstakeAllAlpha, unstakeEverywhere, unstakeFully } from '../staking.ts';
import { SUBNET_LIMIT } from '../storage.ts';

const bought = (args: Value, limit: boolean) => ({
  hotkey: args.hotkey,
  netuid: args.netuid,
  amount: args.amount_staked,
  limitPrice: limit ? args.limit_price : null,
  allowPartial: limit && args.allow_partial,
});

const sold = (args: Value, limit: boolean) => ({ ...bought(args, limit), amount: args.amount_unstaked });

export const stakingCalls: Readonly<Record<string, CallRule>> = {
  add_stake: {
    index: 2,
    args: {
      hotkey: 'AccountId32 as T::AccountId',
      netuid: 'u16 as NetUid',
      amount_staked: 'u64 as TaoBalance',
    },
    refTime: 340_000_000,
    pays: true,
    run: (context, coldkey, args) => void stake(context, coldkey, bought(args, false)),
  },
  remove_stake: {
    index: 3,
    args: {
      hotkey: 'AccountId32 as T::AccountId',
      netuid: 'u16 as NetUid',
      amount_unstaked: 'u64 as AlphaBalance',
    },
    refTime: 340_000_000,
    pays: true,
    run: (context, coldkey, args) => unstake(context, coldkey, sold(args, false)),
  },
  unstake_all: {
    index: 83,
    args: { hotkey: 'AccountId32 as T::AccountId' },
    refTime: 400_000_000,
    pays: true,
    counts: () => SUBNET_LIMIT,
    run: (context, coldkey, { hotkey }) => unstakeEverywhere(context, coldkey, hotkey),
  },
  unstake_all_alpha: {
    index: 84,
    args: { hotkey: 'AccountId32 as T::AccountId' },
    refTime: 400_000_000,
    pays: true,
    counts: () => SUBNET_LIMIT,
    run: (context, coldkey, { hotkey }) => unstakeAllAlpha(context, coldkey, hotkey),
  },
  add_stake_limit: {
    index: 88,
    args: {
      hotkey: 'AccountId32 as T::AccountId',
      netuid: 'u16 as NetUid',
      amount_staked: 'u64 as TaoBalance',
      limit_price: 'u64 as TaoBalance',
      allow_partial: 'bool',
    },
    refTime: 400_000_000,
    pays: true,
    run: (context, coldkey, args) => void stake(context, coldkey, bought(args, true)),
  },
  remove_stake_limit: {
    index: 89,
    args: {
      hotkey: 'AccountId32 as T::AccountId',
      netuid: 'u16 as NetUid',
      amount_unstaked: 'u64 as AlphaBalance',
      limit_price: 'u64 as TaoBalance',
      allow_partial: 'bool',
    },
    refTime: 400_000_000,
    pays: true,
    run: (context, coldkey, args) => unstake(context, coldkey, sold(args, true)),
  },
  remove_stake_full_limit: {
    index: 103,
    args: {
      hotkey: 'AccountId32 as T::AccountId',
      netuid: 'u16 as NetUid',
      limit_price: 'Option<u64> as Option<TaoBalance>',
    },
    refTime: 400_000_000,
    pays: true,
    run: (context, coldkey, args) => unstakeFully(context, coldkey, args),
  },
  recycle_alpha: {
    index: 101,
    args: {
      hotkey: 'AccountId32 as T::AccountId',
      amount: 'u64 as AlphaBalance',
      netuid: 'u16 as NetUid',
    },
    refTime: 113_400_000,
    pays: true,
    run: recycleAlpha,
  },
  burn_alpha: {
    index: 102,
    args: {
      hotkey: 'AccountId32 as T::AccountId',
      amount: 'u64 as AlphaBalance',
      netuid: 'u16 as NetUid',
    },
    refTime: 112_200_000,
    pays: true,
    run: burnAlpha,
  },
  add_stake_burn: {
    index: 132,
    args: {
      hotkey: 'AccountId32 as T::AccountId',
      netuid: 'u16 as NetUid',
      amount: 'u64 as TaoBalance',
      limit: 'Option<u64> as Option<TaoBalance>',
    },
    refTime: 368_000_000,
    pays: true,
    run: buyAndBurn,
  },
};
