import type { AccountEntry, LedgerPart } from '../src-shared/contract/page/earnings.ts';
import { AppError } from '../src-shared/errors/app-error.ts';
import type { Hex, Ss58 } from '../src-shared/units.ts';
import { ORDERS_READ, PART_ROWS } from './earnings/limits.ts';
import type { Store } from './store/store.ts';
import { type OwnTransaction, ofRow } from './wallet/own-transaction.ts';

/** What is booked of one coldkey on one chain, or of a hotkey alone whose coldkey was never seen. */
export interface Books {
  readonly genesis: Hex;
  readonly coldkey: Ss58 | null;
  readonly stakes: readonly { readonly hotkey: Ss58; readonly netuid: number }[];
}

export type BooksStore = Pick<Store, 'parts' | 'ledger' | 'bookedHotkeys'> & {
  readonly transactions: Pick<Store['transactions'], 'list'>;
};

/** All hotkeys of one coldkey on one chain are one set of books: what it stakes and pays is not of one of them alone. */
export async function allBooks(
  store: Pick<BooksStore, 'bookedHotkeys' | 'ledger'>,
): Promise<readonly Books[]> {
  const found = new Map<string, Books>();
  for (const { chain, hotkey } of await store.bookedHotkeys()) {
    const [genesis = '', netuid = ''] = chain.split('/');
    const ledger = store.ledger(genesis as Hex, Number(netuid));
    const coldkey = (await ledger.lastSnapshot(hotkey))?.coldkey ?? null;
    const key = `${genesis} ${coldkey ?? hotkey}`;
    const stakes = [...(found.get(key)?.stakes ?? []), { hotkey: hotkey as Ss58, netuid: Number(netuid) }];
    found.set(key, { genesis: genesis as Hex, coldkey, stakes });
  }
  return [...found.values()];
}

/**
 * One part of the books: first what changed the coldkey's TAO, then orders of before it was looked at, then each stake.
 * @param cursor `next` of the part before; null for the first
 * @throws {AppError} LEDGER_PART_UNKNOWN
 */
export async function partOf(store: BooksStore, books: Books, cursor: string | null): Promise<LedgerPart> {
  const { genesis, coldkey, stakes } = books;
  const [kind, first, second] = (cursor ?? (coldkey ? 'account:0' : stakeCursor(0, 0))).split(':');
  const empty = { coldkey, account: [], stake: null };
  const firstStake = stakes.length > 0 ? stakeCursor(0, 0) : null;
  if (kind === 'account' && coldkey) {
    const query = { genesis, coldkey, after: Number(first), rows: PART_ROWS };
    const { entries, next } = await store.parts.account(query);
    return { ...empty, account: entries, next: next === null ? 'orders' : `account:${next}` };
  }
  if (kind === 'orders' && coldkey)
    return { ...empty, account: await unbooked(store, genesis, coldkey), next: firstStake };
  const index = Number(first);
  const stake = stakes[index];
  if (kind !== 'stake' || !stake) throw new AppError('LEDGER_PART_UNKNOWN');
  const chain = `${genesis}/${stake.netuid}`;
  const query = { chain, hotkey: stake.hotkey, after: Number(second), rows: PART_ROWS };
  const { entries, next } = await store.parts.stake(query);
  const after = index + 1 < stakes.length ? stakeCursor(index + 1, 0) : null;
  return { ...empty, stake: { ...stake, entries }, next: next === null ? after : stakeCursor(index, next) };
}

const stakeCursor = (index: number, block: number): string => `stake:${index}:${block}`;

/** Orders that were carried out while nobody followed the blocks of a run: by what the desk knows of them. */
async function unbooked(store: BooksStore, genesis: Hex, coldkey: Ss58): Promise<readonly AccountEntry[]> {
  const booked = new Set<string>(await store.parts.hashes({ genesis, coldkey }));
  const rows = await store.transactions.list(ORDERS_READ);
  return rows
    .filter((row) => row.genesisHash === genesis && row.coldkey === coldkey)
    .flatMap((row) => ofRow(row) ?? [])
    .filter(({ signed }) => !booked.has(signed.hash))
    .flatMap(entriesOf)
    .toSorted((a, b) => a.block - b.block);
}

/** What an order did, and what the network took for it where the balance tells. */
function entriesOf({ intent, state, atMs, signed }: OwnTransaction): readonly AccountEntry[] {
  if (state.kind !== 'done') return [];
  const { block, outcome } = state;
  const { balanceRao, taoRao, alpha } = outcome;
  const entry = {
    ...{ atMs, block, txHash: signed.hash, alpha: null, other: null },
    netuid: 'netuid' in intent ? intent.netuid : null,
    hotkey: 'hotkey' in intent ? intent.hotkey : null,
  };
  const withFee = (moved: AccountEntry): readonly AccountEntry[] => {
    const fee = balanceRao === null ? 0n : balanceRao - moved.taoRao;
    if (fee >= 0n) return [moved];
    return [moved, { ...entry, ...{ netuid: null, hotkey: null }, kind: 'network-fee', taoRao: fee }];
  };
  switch (intent.kind) {
    case 'stake':
      return taoRao === null ? [] : withFee({ ...entry, kind: 'stake', taoRao: -taoRao, alpha });
    case 'unstake':
      return taoRao === null
        ? []
        : withFee({ ...entry, kind: 'unstake', taoRao, alpha: alpha === null ? null : -alpha });
    case 'transfer':
      return taoRao === null
        ? []
        : withFee({ ...entry, kind: 'transfer-out', taoRao: -taoRao, other: intent.to });
    case 'register':
      // Price and fee together: the chain names neither.
      return balanceRao === null ? [] : [{ ...entry, kind: 'registration', taoRao: balanceRao }];
    case 'moveStake':
    case 'transferStake':
      return balanceRao === null ? [] : [{ ...entry, kind: 'network-fee', taoRao: balanceRao }];
  }
}
