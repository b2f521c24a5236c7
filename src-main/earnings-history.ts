import type { EarningsHistory, LedgerPart } from '../src-shared/contract/page/earnings.ts';
import type { Hex, Ss58 } from '../src-shared/units.ts';
import { ENTRIES_WHOLE } from './earnings/limits.ts';
import { allBooks, type BooksStore, partOf } from './earnings-parts.ts';
import type { Runs } from './runs/runs.ts';

interface Booked<S> {
  readonly runs: Pick<Runs, 'live' | 'factsOf'>;
  readonly store: S;
}

/**
 * What is booked of a run's hotkey, on the chain that it works on, or worked on last.
 * @throws {AppError} RUN_UNKNOWN
 */
export async function earningsHistory(
  { runs, store }: Booked<Pick<BooksStore, 'bookedHotkeys' | 'ledger'>>,
  id: Ss58,
): Promise<EarningsHistory> {
  const { netuid, genesis } = await placeOf({ runs, store }, id);
  if (genesis === null)
    return { hotkey: id, coldkey: null, netuid, sinceMs: null, entries: [], isCut: false };
  return store.ledger(genesis, netuid).history(id, ENTRIES_WHOLE);
}

/**
 * A part of all that is booked of the coldkey of a run, on the chain of that run.
 * @param cursor `next` of the part before; null for the first
 * @throws {AppError} RUN_UNKNOWN, LEDGER_PART_UNKNOWN
 */
export async function ledgerPart(
  { runs, store }: Booked<BooksStore>,
  id: Ss58,
  cursor: string | null,
): Promise<LedgerPart> {
  const { genesis } = await placeOf({ runs, store }, id);
  const books = (await allBooks(store)).find(
    (one) => one.genesis === genesis && one.stakes.some(({ hotkey }) => hotkey === id),
  );
  return books ? partOf(store, books, cursor) : { coldkey: null, account: [], stake: null, next: null };
}

async function placeOf(
  { runs, store }: Booked<Pick<BooksStore, 'bookedHotkeys'>>,
  id: Ss58,
): Promise<{ readonly netuid: number; readonly genesis: Hex | null }> {
  const { netuid } = runs.live.get(id)?.facts ?? runs.factsOf(id);
  const genesis = runs.live.get(id)?.body?.run.chain.genesisHash ?? (await bookedOn(store, id, netuid));
  return { netuid, genesis };
}

async function bookedOn(
  store: Pick<BooksStore, 'bookedHotkeys'>,
  id: Ss58,
  netuid: number,
): Promise<Hex | null> {
  const booked = await store.bookedHotkeys();
  const found = booked.findLast(({ chain, hotkey }) => hotkey === id && chain.endsWith(`/${netuid}`));
  return (found?.chain.split('/')[0] as Hex | undefined) ?? null;
}
