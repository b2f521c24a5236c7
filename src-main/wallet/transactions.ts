import { type Listeners, listeners } from '../../src-node/listeners.ts';
import type { AccountId, TransactionState } from '../../src-shared/contract/page/money.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import type { OwnTransactionRow } from '../store/rows.ts';
import type { TransactionStore } from '../store/store.ts';
import { TRANSACTIONS_SHOWN } from './limits.ts';
import { demandReadable, type OwnTransaction, ofRow, rowOf } from './own-transaction.ts';

/** What this user's coldkeys had signed: in memory to be shown, on disk to be found again. */
export interface Transactions extends Pick<Listeners<{ changed: OwnTransaction }>, 'on'> {
  /** Of an account, newest first. */
  of(account: AccountId): readonly OwnTransaction[];
  /** Of a coldkey on a chain, whatever that is called. @throws {AppError} ORDER_UNREADABLE */
  onChain(genesisHash: Hex, coldkey: Ss58): readonly OwnTransaction[];
  has(id: string): boolean;
  /** Whose fate is open. */
  open(): readonly OwnTransaction[];
  /** On disk when it resolves. @throws {AppError} of the disk */
  keep(transaction: OwnTransaction): Promise<void>;
  /** Shown at once, and written behind it; one that cannot be written is logged: its fate is found again anyway. */
  change(id: string, state: TransactionState, isOpen: boolean): void;
  /** All that was changed is written. */
  settled(): Promise<void>;
}

export async function openTransactions(
  store: TransactionStore,
  log: (line: string) => void,
): Promise<Transactions> {
  const events = listeners<{ changed: OwnTransaction }>();
  const byId = new Map<string, OwnTransaction>();
  const unreadable: OwnTransactionRow[] = [];
  let writing: Promise<void> = Promise.resolve();

  for (const row of (await store.list(TRANSACTIONS_SHOWN)).toReversed()) {
    const transaction = ofRow(row);
    if (transaction) byId.set(row.id, transaction);
    else {
      unreadable.push(row);
      log(`the transaction ${row.id} cannot be read, and is not shown`);
    }
  }

  const newest = (): readonly OwnTransaction[] => [...byId.values()].toReversed();

  function forget(): void {
    const closed = newest().filter(({ isOpen }) => !isOpen);
    for (const { id } of closed.slice(TRANSACTIONS_SHOWN)) byId.delete(id);
  }

  function show(transaction: OwnTransaction): void {
    byId.set(transaction.id, transaction);
    forget();
    events.emit('changed', transaction);
  }

  return {
    on: events.on,
    of: ({ network, coldkey }) =>
      newest().filter(({ account }) => account.network === network && account.coldkey === coldkey),
    onChain(genesisHash, coldkey) {
      demandReadable(unreadable.filter((row) => row.genesisHash === genesisHash && row.coldkey === coldkey));
      return newest().filter((one) => one.genesisHash === genesisHash && one.account.coldkey === coldkey);
    },
    has: (id) => byId.has(id),
    open: () => newest().filter(({ isOpen }) => isOpen),
    async keep(transaction) {
      await writing;
      await store.keep(rowOf(transaction));
      show(transaction);
    },
    change(id, state, isOpen) {
      const before = byId.get(id);
      if (!before) return;
      const after = { ...before, state, isOpen };
      show(after);
      // Of how far it was searched a next start knows nothing and needs nothing.
      if (state.kind === 'unknown' && before.state.kind === 'unknown' && isOpen === before.isOpen) return;
      writing = writing
        .then(() => store.keep(rowOf(after)))
        .catch((error: unknown) => log(`the transaction ${id} could not be noted: ${error}`));
    },
    settled: () => writing,
  };
}
