import { withLimit } from '../../src-node/waits.ts';
import { identityIn } from '../../src-shared/rounds/identity-field.ts';
import {
  isNearby,
  parseStoreAddress,
  printStoreAddress,
  type StoreAddress,
} from '../../src-shared/stores/store-address.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import type { Chain } from '../network/chain.ts';
import { SWARM_CALL_LIMIT_MS, TOLD_STORES_MAX } from './limits.ts';

/** Where members of a run say that their states are read; asked anew each time, for they come and go. */
export type ToldStores = (signal: AbortSignal) => Promise<readonly StoreAddress[]>;

/** What a member said of its store to those it is connected to; null: it names none any more. */
export interface HeardStore {
  readonly hotkey: Ss58;
  readonly store: string | null;
}

export interface StoreSources {
  readonly chain: Pick<Chain, 'metagraph' | 'commitments'>;
  /** Of members, by their own signature. */
  heard(signal: AbortSignal): Promise<readonly HeardStore[]>;
}

/**
 * Stores that hotkeys of a run name, each once: over the swarm, else on chain as the newest final block has it. What a
 * member said over the swarm is newer than what stands on chain. Anybody who has a place may name one: those of most
 * stake come first, and only so many are asked. A chain that does not answer leaves those of the swarm.
 * @param runTag first 8 bytes of the profile's hash
 * @throws {AppError} CHAIN_UNREACHABLE where the swarm names none either
 */
export async function readToldStores(
  { chain, heard }: StoreSources,
  runTag: Hex,
  signal: AbortSignal,
): Promise<readonly StoreAddress[]> {
  // A swarm that starts again just now has nothing to tell: the chain is asked all the same.
  const said = await heard(withLimit(signal, SWARM_CALL_LIMIT_MS)).catch(() => []);
  signal.throwIfAborted();
  const bySwarm = new Map(said.map(({ hotkey, store }) => [hotkey, storeIn(store)]));
  try {
    const byChain = await storesOnChain(chain, runTag, signal);
    const named = [...byChain].map(([hotkey, store]) =>
      bySwarm.has(hotkey) ? (bySwarm.get(hotkey) ?? null) : store,
    );
    return firstOf(named);
  } catch (thrown) {
    signal.throwIfAborted();
    const stores = firstOf([...bySwarm.values()]);
    if (stores.length === 0) throw thrown;
    return stores;
  }
}

/** What each hotkey names on chain, those of most stake first. */
async function storesOnChain(
  chain: StoreSources['chain'],
  runTag: Hex,
  signal: AbortSignal,
): Promise<ReadonlyMap<Ss58, StoreAddress | null>> {
  const neurons = await chain.metagraph(null, signal);
  const hotkeys = neurons
    .toSorted((a, b) => Number(b.stakeAlpha - a.stakeAlpha) || a.uid - b.uid)
    .map(({ hotkey }) => hotkey);
  const slots = await chain.commitments(hotkeys, null, signal);
  return new Map(
    hotkeys.map((hotkey) => [hotkey, identityIn(slots.get(hotkey)?.fields ?? [], runTag)?.store ?? null]),
  );
}

/** The child has looked at it already; what a host opens it judges itself. */
function storeIn(text: string | null): StoreAddress | null {
  const store = text === null ? null : parseStoreAddress(text);
  return store && !isNearby(store) ? store : null;
}

function firstOf(named: readonly (StoreAddress | null)[]): StoreAddress[] {
  const stores = new Map(
    named.flatMap((store) => (store ? [[printStoreAddress(store), store] as const] : [])),
  );
  return [...stores.values()].slice(0, TOLD_STORES_MAX);
}
