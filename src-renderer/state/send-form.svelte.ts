import type { AccountView } from '../../src-shared/contract/page/money.ts';
import { accountKey } from './accounts.ts';
import { type AmountDraft, noAmount } from './money-order.ts';
import { Quotes } from './quotes.svelte.ts';
import { WentThrough } from './went-through.ts';

/** What "Send" was told so far; it stays until it went through. */
class SendForm {
  to = $state('');
  amount = $state.raw<AmountDraft>(noAmount);

  readonly quotes = new Quotes();
  readonly #through = new WentThrough();

  /** Forgets what went through: the next payment is another. */
  follow({ id, transactions }: AccountView): void {
    if (!this.#through.isNews(accountKey(id), 'transfer', transactions)) return;
    this.to = '';
    this.amount = noAmount;
  }
}

export const sendForm = new SendForm();
