import type { Context } from '../pallet.ts';
import { described } from './described.ts';
import { fail } from './failures.ts';
import { hotkeyExists } from './stake.ts';
import { subnets } from './storage.ts';

interface TakeArgs {
  readonly hotkey: string;
  /** Of 65535. */
  readonly take: number;
}

/** A hotkey's owner takes more of what others earn behind it: up to 18 %, and only every 30 days. */
export function increaseTake(context: Context, coldkey: string, { hotkey, take }: TakeArgs): void {
  const { store, block, emit } = context;
  checkOwner(context, coldkey, hotkey);
  if (store.has(subnets.Delegates, hotkey) && take <= store.get(subnets.Delegates, hotkey))
    throw fail('DelegateTakeTooLow');
  if (take > store.get(described.MaxDelegateTake)) throw fail('DelegateTakeTooHigh');
  const key = { type: 'LastTxBlockDelegateTake', value: coldkey };
  const last = store.get(subnets.LastRateLimitedBlock, key);
  if (last > 0n && BigInt(block) - last <= store.get(described.TxDelegateTakeRateLimit))
    throw fail('DelegateTxRateLimitExceeded');
  store.put(subnets.LastRateLimitedBlock, BigInt(block), key);
  store.put(subnets.Delegates, take, hotkey);
  emit('SubtensorModule', 'TakeIncreased', [coldkey, hotkey, take]);
}

/** Less may be taken at any time. */
export function decreaseTake(context: Context, coldkey: string, { hotkey, take }: TakeArgs): void {
  const { store, emit } = context;
  checkOwner(context, coldkey, hotkey);
  if (store.has(subnets.Delegates, hotkey) && take >= store.get(subnets.Delegates, hotkey))
    throw fail('DelegateTakeTooLow');
  if (take < store.get(described.MinDelegateTake)) throw fail('DelegateTakeTooLow');
  store.put(subnets.Delegates, take, hotkey);
  emit('SubtensorModule', 'TakeDecreased', [coldkey, hotkey, take]);
}

function checkOwner({ store }: Context, coldkey: string, hotkey: string): void {
  if (!hotkeyExists(store, hotkey)) throw fail('HotKeyAccountNotExists');
  if (store.get(subnets.Owner, hotkey) !== coldkey) throw fail('NonAssociatedColdKey');
}
