import type { Context } from '../pallet.ts';
import { fail } from './failures.ts';
import { subnets } from './storage.ts';

/** From now on what a coldkey's miners earn on a subnet is staked behind this hotkey. */
export function setAutoStake(
  { store, emit }: Context,
  coldkey: string,
  { netuid, hotkey }: { readonly netuid: number; readonly hotkey: string },
): void {
  if (!store.get(subnets.NetworksAdded, netuid)) throw fail('SubnetNotExists');
  if (!store.has(subnets.Uids, netuid, hotkey)) throw fail('HotKeyNotRegisteredInSubNet');
  const before = store.get(subnets.AutoStakeDestination, coldkey, netuid);
  if (before === hotkey) throw fail('SameAutoStakeHotkeyAlreadySet');
  if (before !== null) {
    const without = (coldkeys: readonly string[]) => coldkeys.filter((each) => each !== coldkey);
    store.change(subnets.AutoStakeDestinationColdkeys, without, before, netuid);
  }
  store.put(subnets.AutoStakeDestination, hotkey, coldkey, netuid);
  store.change(subnets.AutoStakeDestinationColdkeys, (all) => [...all, coldkey], hotkey, netuid);
  emit('SubtensorModule', 'AutoStakeDestinationSet', { coldkey, netuid, hotkey });
}
