import type {
  AccountId,
  MoneyOrder,
  MoneyQuote,
  TransactionView,
} from '../../src-shared/contract/page/money.ts';
import type { ReviewTask } from '../../src-shared/contract/signing.ts';

/** What was typed in the signing window. */
export interface TypedSecrets {
  /** UTF-8, exactly as it was typed; null where the coldkey lies open. It is zeroed once it was used. */
  readonly password: Uint8Array | null;
  /** The text that `typedConsent` of the task asks for; null where it asks for none. */
  readonly typed: string | null;
}

export interface ChangedTransaction {
  readonly account: AccountId;
  readonly transaction: TransactionView;
}

/**
 * Where money is moved: an intent becomes a quote, a quote one order that waits for a person's yes, and that a
 * transaction which is followed to its fate, over restarts too.
 */
export interface MoneyDesk {
  /** @throws {AppError} of the network; what speaks against the order itself is the quote's `problem` */
  quote(order: MoneyOrder, signal: AbortSignal): Promise<MoneyQuote>;
  /**
   * Puts the frozen call of a quote into the signing window. One that waits there and that nobody has begun to sign
   * gives way.
   * @param typed the quote's `typedConsent`; null leaves it to the signing window to ask for it
   * @returns the id of the task
   * @throws {AppError} QUOTE_EXPIRED, CONSENT_NOT_TYPED, NOT_NOW while one is being signed, or the quote's problem
   */
  ask(quoteId: string, typed: string | null, signal: AbortSignal): Promise<string>;
  /** Takes back an order that nobody has begun to sign; one that is gone is no fault. */
  withdraw(id: string): void;
  readonly pending: ReviewTask | null;
  onPending(listener: () => void): () => void;
  /**
   * Signs the one order that waits, and resolves once it was handed over. A wrong password leaves the order where it
   * is.
   * @throws {AppError} QUOTE_EXPIRED, CONSENT_NOT_TYPED, NOT_NOW, REVIEW_OUTDATED, KEY_PASSWORD_WRONG,
   * KEY_PASSWORD_WAIT, of the key file, or of the chain before anything was sent
   */
  approve(id: string, secrets: TypedSecrets, signal: AbortSignal): Promise<void>;
  /** The person's no. */
  deny(id: string): void;
  /** Newest first. */
  transactions(account: AccountId): readonly TransactionView[];
  onTransaction(listener: (changed: ChangedTransaction) => void): () => void;
  stop(): Promise<void>;
}
