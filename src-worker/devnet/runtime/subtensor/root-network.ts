import type { Context } from '../pallet.ts';
import type { Store } from '../store.ts';
import { fail } from './failures.ts';
import { seat } from './neurons.ts';
import { associate } from './stake.ts';
import { ROOT_NETUID, subnets } from './storage.ts';

/** Where root differs from what its storage falls back to. */
const SETTINGS = [
  [subnets.MaxAllowedUids, 64],
  [subnets.MaxAllowedValidators, 64],
  [subnets.MinAllowedWeights, 0],
  [subnets.Tempo, 100],
  [subnets.TargetRegistrationsPerInterval, 1],
] as const;

/** What happens to root at the start of a block: it counts registrations as subnets do, at no price. */
export function stepRoot(store: Store, block: number): void {
  if (!store.has(subnets.MaxAllowedUids, ROOT_NETUID))
    for (const [setting, value] of SETTINGS) store.put(setting, value, ROOT_NETUID);
  if (store.get(subnets.RegistrationsThisBlock, ROOT_NETUID) > 0)
    store.put(subnets.RegistrationsThisBlock, 0, ROOT_NETUID);
  const since = BigInt(block) - store.get(subnets.LastAdjustmentBlock, ROOT_NETUID);
  if (since < BigInt(store.get(subnets.AdjustmentInterval, ROOT_NETUID))) return;
  store.put(subnets.LastAdjustmentBlock, BigInt(block), ROOT_NETUID);
  store.put(subnets.RegistrationsThisInterval, 0, ROOT_NETUID);
}

/** A seat on root for a hotkey, of 64. Where all are taken, the one with the least TAO behind it leaves, if it has less. */
export function registerOnRoot(context: Context, coldkey: string, hotkey: string): void {
  const { store, block } = context;
  const of = (counter: typeof subnets.RegistrationsThisBlock) => store.get(counter, ROOT_NETUID);
  if (of(subnets.RegistrationsThisBlock) >= of(subnets.MaxRegistrationsPerBlock))
    throw fail('TooManyRegistrationsThisBlock');
  if (of(subnets.RegistrationsThisInterval) >= 3 * of(subnets.TargetRegistrationsPerInterval))
    throw fail('TooManyRegistrationsThisInterval');
  if (store.has(subnets.Uids, ROOT_NETUID, hotkey)) throw fail('HotKeyAlreadyRegisteredInSubNet');
  // As at 393 whoever asks may seat any hotkey: it costs nothing and earns the asker nothing.
  associate(store, hotkey, coldkey);
  const uid = freeSeat(store, hotkey);
  seat(store, ROOT_NETUID, uid, hotkey, block);
  if (!store.has(subnets.Delegates, hotkey)) store.put(subnets.Delegates, DELEGATE_TAKE, hotkey);
  store.change(subnets.RegistrationsThisInterval, (count) => count + 1, ROOT_NETUID);
  store.change(subnets.RegistrationsThisBlock, (count) => count + 1, ROOT_NETUID);
  context.emit('SubtensorModule', 'NeuronRegistered', [ROOT_NETUID, uid, hotkey]);
}

/** 18 %, which every member of root begins with. */
const DELEGATE_TAKE = 11_796;

function freeSeat(store: Store, hotkey: string): number {
  const count = store.get(subnets.SubnetworkN, ROOT_NETUID);
  if (count < store.get(subnets.MaxAllowedUids, ROOT_NETUID)) return count;
  const behind = (key: string) => store.get(subnets.TotalHotkeyAlpha, key, ROOT_NETUID);
  const stakes = Array.from({ length: count }, (_, uid) => behind(store.get(subnets.Keys, ROOT_NETUID, uid)));
  const least = stakes.reduce((a, b) => (b < a ? b : a));
  if (behind(hotkey) <= least) throw fail('StakeTooLowForRoot');
  return stakes.indexOf(least);
}
