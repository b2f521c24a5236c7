import type { EarningsHistory } from '../src-shared/contract/page/earnings.ts';
import type { Hex, Ss58 } from '../src-shared/units.ts';
import { ENTRIES_WHOLE } from './earnings/limits.ts';
import type { Runs } from './runs/runs.ts';
import type { Store } from './store/store.ts';

/**
 * What is booked of a run's hotkey, on the chain that it works on, or worked on last.
 * @throws {AppError} RUN_UNKNOWN
 */
export async function earningsHistory(
  {
    runs,
    store,
  }: {
    readonly runs: Pick<Runs, 'live' | 'factsOf'>;
    readonly store: Pick<Store, 'bookedHotkeys' | 'ledger'>;
  },
  id: Ss58,
): Promise<EarningsHistory> {
  const { netuid } = runs.live.get(id)?.facts ?? runs.factsOf(id);
  const genesis = runs.live.get(id)?.body?.run.chain.genesisHash ?? (await bookedOn(store, id, netuid));
  if (genesis === null)
    return { hotkey: id, coldkey: null, netuid, sinceMs: null, entries: [], isCut: false };
  return store.ledger(genesis, netuid).history(id, ENTRIES_WHOLE);
}

async function bookedOn(store: Pick<Store, 'bookedHotkeys'>, id: Ss58, netuid: number): Promise<Hex | null> {
  const booked = await store.bookedHotkeys();
  const found = booked.findLast(({ chain, hotkey }) => hotkey === id && chain.endsWith(`/${netuid}`));
  return (found?.chain.split('/')[0] as Hex | undefined) ?? null;
}
