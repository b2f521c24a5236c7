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

export type BooksStore = Pick<Store, 'parts' | 'ledger' | 'bookedHotkeys'>;

type Stake = Books['stakes'][number];

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
 * One part of the books: first what changed the coldkey's TAO, then what else is known of its own orders and stakes, then each stake.
 * @param cursor `next` of the part before; null for the first
 * @throws {AppError} LEDGER_PART_UNKNOWN
 */
export async function partOf(store: BooksStore, books: Books, cursor: string | null): Promise<LedgerPart> {
  const { genesis, coldkey, stakes } = books;
  const [kind, first, second, third] = (
    cursor ?? (coldkey ? 'account:0' : (stakeCursor(stakes[0], 0) ?? ''))
  ).split(':');
  const empty = { coldkey, account: [], stake: null };
  if (kind === 'account' && coldkey) {
    const query = { genesis, coldkey, after: Number(first), rows: PART_ROWS };
    const { entries, next } = await store.parts.account({ ...query, stakes: hotkeysOf(books) });
    return { ...empty, account: entries, next: next === null ? 'orders' : `account:${next}` };
  }
  const orders = await unbooked(store, books);
  if (kind === 'orders' && coldkey) {
    const others = await store.parts.paidElsewhere({ genesis, coldkey, stakes: hotkeysOf(books) });
    const account = [...others, ...orders].toSorted((a, b) => a.block - b.block);
    return { ...empty, account, next: stakeCursor(stakes[0], 0) };
  }
  // By its name: another run may have begun since the part before.
  const index = stakes.findIndex(({ netuid, hotkey }) => netuid === Number(first) && hotkey === second);
  const stake = stakes[index];
  if (kind !== 'stake' || !stake) throw new AppError('LEDGER_PART_UNKNOWN');
  const query = { chain: `${genesis}/${stake.netuid}`, hotkey: stake.hotkey, after: Number(third) };
  const elsewhere = orders.flatMap(({ block, alpha, netuid, hotkey }) =>
    alpha !== null && netuid === stake.netuid && hotkey === stake.hotkey ? [{ block, alpha }] : [],
  );
  const { entries, next } = await store.parts.stake({ ...query, rows: PART_ROWS, elsewhere });
  const after = next === null ? stakeCursor(stakes[index + 1], 0) : stakeCursor(stake, next);
  return { ...empty, stake: { ...stake, entries }, next: after };
}

const hotkeysOf = ({ genesis, stakes }: Books) =>
  stakes.map(({ hotkey, netuid }) => ({ chain: `${genesis}/${netuid}`, hotkey }));

const stakeCursor = (stake: Stake | undefined, block: number): string | null =>
  stake ? `stake:${stake.netuid}:${stake.hotkey}:${block}` : null;

/** Orders that were carried out while nobody followed the blocks of a run: by what the desks know of them. */
async function unbooked(store: BooksStore, { genesis, coldkey }: Books): Promise<readonly AccountEntry[]> {
  if (!coldkey) return [];
  const booked = new Set<string>(await store.parts.hashes({ genesis, coldkey }));
  const rows = await store.parts.orders({ genesis, coldkey, limit: ORDERS_READ });
  const entries = rows
    .flatMap((row) => ofRow(row) ?? [])
    .filter(({ signed }) => !booked.has(signed.hash))
    .flatMap(entriesOf)
    .toSorted((a, b) => a.block - b.block);
  const trades = entries.filter(({ kind }) => kind === 'stake' || kind === 'unstake');
  const areMoves = await store.parts.areMoves(
    trades.map(({ netuid, hotkey, block, kind }) => ({
      ...{ chain: `${genesis}/${netuid}`, hotkey: hotkey ?? '', block, kind },
    })),
  );
  const moved = new Set(trades.filter((_, i) => areMoves[i]));
  return entries.filter((entry) => !moved.has(entry));
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
    case 'openSubnet':
      // Price and fee together: the chain names neither.
      return balanceRao === null ? [] : [{ ...entry, kind: 'registration', taoRao: balanceRao }];
    case 'moveStake':
    case 'transferStake':
    case 'ownSubnet':
      return balanceRao === null ? [] : [{ ...entry, kind: 'network-fee', taoRao: balanceRao }];
  }
}
