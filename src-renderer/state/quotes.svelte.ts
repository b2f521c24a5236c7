import type { MoneyOrder } from '../../src-shared/contract/page/money.ts';
import { connection } from './connection.svelte.ts';
import { QuoteAsker, type Quoted } from './quote-asker.ts';

/** The quote of one form, as the page shows it. */
export class Quotes {
  state = $state.raw<Quoted>({ kind: 'none' });
  readonly #asker = new QuoteAsker(
    (order) => connection.ask((api) => api.quoteMoney(order)),
    (state) => {
      this.state = state;
    },
  );

  order = (order: MoneyOrder | null, block: number | null): void => this.#asker.order(order, block);
  tick = (nowMs: number, block: number | null): void => this.#asker.tick(nowMs, block);
  again = (): void => this.#asker.again();
}
