import type { CallRule } from '../../pallet.ts';
import { setAutoStake } from '../auto-stake.ts';
import { moveStake, swapStake, transferStake } from '../moving.ts';

export const movingCalls: Readonly<Record<string, CallRule>> = {
  move_stake: {
    index: 85,
    args: {
      origin_hotkey: 'AccountId32',
      destination_hotkey: 'AccountId32',
      origin_netuid: 'u16',
      destination_netuid: 'u16',
      alpha_amount: 'u64',
    },
    refTime: 480_000_000,
    pays: true,
    run: moveStake,
  },
  transfer_stake: {
    index: 86,
    args: {
      destination_coldkey: 'AccountId32',
      hotkey: 'AccountId32',
      origin_netuid: 'u16',
      destination_netuid: 'u16',
      alpha_amount: 'u64',
    },
    refTime: 480_000_000,
    pays: true,
    run: transferStake,
  },
  swap_stake: {
    index: 87,
    args: {
      hotkey: 'AccountId32',
      origin_netuid: 'u16',
      destination_netuid: 'u16',
      alpha_amount: 'u64',
    },
    refTime: 450_000_000,
    pays: true,
    run: swapStake,
  },
  swap_stake_limit: {
    index: 90,
    args: {
      hotkey: 'AccountId32',
      origin_netuid: 'u16',
      destination_netuid: 'u16',
      alpha_amount: 'u64',
      limit_price: 'u64',
      allow_partial: 'bool',
    },
    refTime: 500_000_000,
    pays: true,
    run: swapStake,
  },
  set_coldkey_auto_stake_hotkey: {
    index: 114,
    args: { netuid: 'u16', hotkey: 'AccountId32' },
    refTime: 30_000_000,
    pays: true,
    run: setAutoStake,
  },
};
