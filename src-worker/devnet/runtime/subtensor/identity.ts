import type { Context, Value } from '../pallet.ts';
import { described } from './described.ts';
import { fail } from './failures.ts';
import { ROOT_NETUID, subnets } from './storage.ts';

/** Longest bytes of each field. */
const BYTES: Readonly<Record<string, number>> = {
  name: 256,
  url: 256,
  github_repo: 256,
  image: 1_024,
  discord: 256,
  description: 1_024,
  additional: 1_024,
};

/** What a coldkey says of itself; one of its hotkeys has to be registered somewhere. */
export function setIdentity({ store, netuids, emit }: Context, coldkey: string, identity: Value): void {
  const isSeated = (hotkey: string) =>
    [ROOT_NETUID, ...netuids()].some((netuid) => store.has(subnets.Uids, netuid, hotkey));
  if (!store.get(subnets.OwnedHotkeys, coldkey).some(isSeated)) throw fail('HotKeyNotRegisteredInNetwork');
  for (const [field, most] of Object.entries(BYTES))
    if (identity[field].length > most) throw fail('InvalidIdentity');
  store.put(described.IdentitiesV2, identity, coldkey);
  emit('SubtensorModule', 'ChainIdentitySet', coldkey);
}
