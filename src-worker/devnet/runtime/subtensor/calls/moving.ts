import type { CallRule } from '../../pallet.ts';
import { setAutoStake } from '../auto-stake.ts';
import { moveStake, swapStake, transferStake } from '../moving.ts';

export const movingCalls: Readonly<Record<string, CallRule>> = {
  move_stake: {
    index: 85,
    args: {
      origin_hotkey: 'AccountId32 as T::AccountId',
      destination_hotkey: 'AccountId32 as T::AccountId',
      origin_netuid: 'u16 as NetUid',
      destination_netuid: 'u16 as NetUid',
      alpha_amount: 'u64 as AlphaBalance',
    },
    refTime: 480_000_000,
    pays: true,
    run: moveStake,
  },
  transfer_stake: {
    index: 86,
    args: {
      destination_coldkey: 'AccountId32 as T::AccountId',
      hotkey: 'AccountId32 as T::AccountId',
      origin_netuid: 'u16 as NetUid',
      destination_netuid: 'u16 as NetUid',
      alpha_amount: 'u64 as AlphaBalance',
    },
    refTime: 480_000_000,
    pays: true,
    run: transferStake,
  },
  swap_stake: {
    index: 87,
    args: {
      hotkey: 'AccountId32 as T::AccountId',
      origin_netuid: 'u16 as NetUid',
      destination_netuid: 'u16 as NetUid',
      alpha_amount: 'u64 as AlphaBalance',
    },
    refTime: 450_000_000,
    pays: true,
    run: swapStake,
  },
  swap_stake_limit: {
    index: 90,
    args: {
      hotkey: 'AccountId32 as T::AccountId',
      origin_netuid: 'u16 as NetUid',
      destination_netuid: 'u16 as NetUid',
      alpha_amount: 'u64 as AlphaBalance',
      limit_price: 'u64 as TaoBalance',
      allow_partial: 'bool',
    },
    refTime: 500_000_000,
    pays: true,
    run: swapStake,
  },
  set_coldkey_auto_stake_hotkey: {
    index: 114,
    args: { netuid: 'u16 as NetUid', hotkey: 'AccountId32 as T::AccountId' },
    refTime: 30_000_000,
    pays: true,
    run: setAutoStake,
  },
};
