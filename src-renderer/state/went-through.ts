import type { Intent, TransactionView } from '../../src-shared/contract/page/money.ts';

/** A node took it: what was typed for it is not to be ordered twice by a second click. */
const isTaken = ({ state: { kind } }: TransactionView): boolean =>
  kind === 'sent' || kind === 'in-block' || kind === 'done';

/** Tells a form when what it ordered went through. What was there before it was first asked is no news. */
export class WentThrough {
  readonly #seen = new Map<string, string | null>();

  /**
   * @param account whose transactions they are, newest first
   * @returns whether a newer order of that kind was taken since the last call for this account
   */
  isNews(account: string, kind: Intent['kind'], transactions: readonly TransactionView[]): boolean {
    const key = `${kind}/${account}`;
    const newest = transactions.find((one) => one.intent.kind === kind && isTaken(one))?.id ?? null;
    const before = this.#seen.get(key);
    this.#seen.set(key, newest);
    return before !== undefined && newest !== null && newest !== before;
  }
}
