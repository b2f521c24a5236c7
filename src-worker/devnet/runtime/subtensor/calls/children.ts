import type { CallRule } from '../../pallet.ts';
import { scheduleChildren, setChildkeyTake } from '../children.ts';
import { decreaseTake, increaseTake } from '../takes.ts';

export const childrenCalls: Readonly<Record<string, CallRule>> = {
  decrease_take: {
    index: 65,
    args: { hotkey: 'AccountId32 as T::AccountId', take: 'u16' },
    refTime: 29_880_000,
    pays: false,
    run: decreaseTake,
  },
  increase_take: {
    index: 66,
    args: { hotkey: 'AccountId32 as T::AccountId', take: 'u16' },
    refTime: 37_000_000,
    pays: false,
    run: increaseTake,
  },
  set_children: {
    index: 67,
    args: {
      hotkey: 'AccountId32 as T::AccountId',
      netuid: 'u16 as NetUid',
      children: 'Vec<(u64, AccountId32)> as Vec<(u64, T::AccountId)>',
    },
    refTime: 119_000_000,
    pays: true,
    run: scheduleChildren,
  },
  set_childkey_take: {
    index: 75,
    args: { hotkey: 'AccountId32 as T::AccountId', netuid: 'u16 as NetUid', take: 'u16' },
    refTime: 55_000_000,
    pays: true,
    run: setChildkeyTake,
  },
};
