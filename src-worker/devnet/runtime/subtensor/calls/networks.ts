import type { CallRule, Context } from '../../pallet.ts';
import { fail } from '../failures.ts';
import { registerNetwork, setSubnetIdentity } from '../networks.ts';
import { subnets } from '../storage.ts';
import { swapHotkey } from '../swap-hotkey.ts';

/** The owner starts a subnet once; from the next block on it emits. */
function startCall({ store, block, emit }: Context, coldkey: string, netuid: number): void {
  if (!store.get(subnets.NetworksAdded, netuid)) throw fail('SubnetNotExists');
  if (store.get(subnets.SubnetOwner, netuid) !== coldkey) throw fail('NotSubnetOwner');
  if (store.has(subnets.FirstEmissionBlockNumber, netuid)) throw fail('FirstEmissionBlockNumberAlreadySet');
  store.put(subnets.FirstEmissionBlockNumber, BigInt(block + 1), netuid);
  store.put(subnets.SubtokenEnabled, true, netuid);
  emit('SubtensorModule', 'FirstEmissionBlockNumberSet', [netuid, BigInt(block + 1)]);
}

export const networkCalls: Readonly<Record<string, CallRule>> = {
  register_network: {
    index: 59,
    args: { hotkey: 'AccountId32 as T::AccountId' },
    refTime: 235_000_000,
    pays: true,
    run: (context, coldkey, { hotkey }) => registerNetwork(context, coldkey, hotkey),
  },
  swap_hotkey: {
    index: 70,
    args: {
      hotkey: 'AccountId32 as T::AccountId',
      new_hotkey: 'AccountId32 as T::AccountId',
      netuid: 'Option<u16> as Option<NetUid>',
    },
    refTime: 275_000_000,
    pays: true,
    run: swapHotkey,
  },
  set_subnet_identity: {
    index: 78,
    args: {
      netuid: 'u16 as NetUid',
      subnet_name: 'Vec<u8>',
      github_repo: 'Vec<u8>',
      subnet_contact: 'Vec<u8>',
      subnet_url: 'Vec<u8>',
      discord: 'Vec<u8>',
      description: 'Vec<u8>',
      logo_url: 'Vec<u8>',
      additional: 'Vec<u8>',
    },
    refTime: 24_000_000,
    pays: true,
    run: setSubnetIdentity,
  },
  start_call: {
    index: 92,
    args: { netuid: 'u16 as NetUid' },
    refTime: 80_000_000,
    pays: true,
    run: (context, coldkey, { netuid }) => startCall(context, coldkey, netuid),
  },
};
