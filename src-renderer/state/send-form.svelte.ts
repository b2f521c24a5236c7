import { type AmountDraft, noAmount } from './money-order.ts';
import { Quotes } from './quotes.svelte.ts';

/** What "Send" was told so far; it stays until it went through. */
class SendForm {
  to = $state('');
  amount = $state.raw<AmountDraft>(noAmount);

  readonly quotes = new Quotes();

  clear(): void {
    this.to = '';
    this.amount = noAmount;
  }
}

export const sendForm = new SendForm();
