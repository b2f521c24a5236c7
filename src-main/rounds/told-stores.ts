import { identityIn } from '../../src-shared/rounds/identity-field.ts';
import { printStoreAddress, type StoreAddress } from '../../src-shared/stores/store-address.ts';
import type { Hex } from '../../src-shared/units.ts';
import type { Chain } from '../network/chain.ts';
import { TOLD_STORES_MAX } from './limits.ts';

/** Where members of a run say that their states are read; asked anew each time, for they come and go. */
export type ToldStores = (signal: AbortSignal) => Promise<readonly StoreAddress[]>;

/**
 * Stores that hotkeys of a run name on chain, each once, as the newest final block has it. Anybody who has a place may
 * name one: those of most stake come first, and only so many are asked.
 * @param runTag first 8 bytes of the profile's hash
 * @throws {AppError} CHAIN_UNREACHABLE
 */
export async function readToldStores(
  chain: Pick<Chain, 'metagraph' | 'commitments'>,
  runTag: Hex,
  signal: AbortSignal,
): Promise<readonly StoreAddress[]> {
  const neurons = await chain.metagraph(null, signal);
  const hotkeys = neurons
    .toSorted((a, b) => Number(b.stakeAlpha - a.stakeAlpha) || a.uid - b.uid)
    .map(({ hotkey }) => hotkey);
  const slots = await chain.commitments(hotkeys, null, signal);
  const stores = new Map<string, StoreAddress>();
  for (const hotkey of hotkeys) {
    const { store } = identityIn(slots.get(hotkey)?.fields ?? [], runTag) ?? { store: null };
    if (store) stores.set(printStoreAddress(store), store);
    if (stores.size === TOLD_STORES_MAX) break;
  }
  return [...stores.values()];
}
