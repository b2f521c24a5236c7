import type { MoneyOrder, MoneyQuote } from '../../src-shared/contract/page/money.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';

/** What is known of the price of an order. `last` stays to be read while a newer one of the same order is asked for. */
export type Quoted =
  | { readonly kind: 'none' }
  | { readonly kind: 'asking'; readonly last: MoneyQuote | null }
  | { readonly kind: 'found'; readonly quote: MoneyQuote }
  | { readonly kind: 'refused'; readonly error: CodedError };

type Answer = { readonly value: MoneyQuote } | { readonly error: CodedError };

/** A pause of typing that reads as "done". */
const TYPING_PAUSE_MS = 400;
/** A fast chain has a block every second; nobody reads quotes that fast. */
const LEAST_AGE_MS = 4_000;

/**
 * Asks for quotes of the order that a form holds: when typing rests, and of the same order again with each new block
 * or when its quote is over. Only the newest question's answer counts.
 */
export class QuoteAsker {
  #order: MoneyOrder | null = null;
  #block: number | null = null;
  #askedAtMs = 0;
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: Quoted = { kind: 'none' };
  readonly #ask: (order: MoneyOrder) => Promise<Answer>;
  readonly #tell: (state: Quoted) => void;

  constructor(ask: (order: MoneyOrder) => Promise<Answer>, tell: (state: Quoted) => void) {
    this.#ask = ask;
    this.#tell = tell;
  }

  /** Another order, or none: what was quoted for the one before holds no more. */
  order(order: MoneyOrder | null, block: number | null): void {
    if (isSame(order, this.#order)) return;
    this.#block = block;
    this.#order = order;
    this.#turn++;
    clearTimeout(this.#timer);
    this.#set(order ? { kind: 'asking', last: null } : { kind: 'none' });
    if (order) this.#timer = setTimeout(() => void this.#go(), TYPING_PAUSE_MS);
  }

  /** Time went by, or a block came. */
  tick(nowMs: number, block: number | null): void {
    const isNews = block !== this.#block;
    this.#block = block;
    const { kind } = this.#state;
    if (!this.#order || kind === 'none' || kind === 'asking') return;
    const isOver = this.#state.kind === 'found' && this.#state.quote.expiresAtMs <= nowMs;
    if ((isNews || isOver) && nowMs - this.#askedAtMs >= LEAST_AGE_MS) void this.#go(nowMs);
  }

  /** Asks again now: after a refusal, or once an order went through. */
  again(): void {
    if (this.#order) void this.#go();
  }

  stop(): void {
    this.#turn++;
    clearTimeout(this.#timer);
  }

  async #go(nowMs = Date.now()): Promise<void> {
    const order = this.#order;
    if (!order) return;
    const turn = ++this.#turn;
    this.#askedAtMs = nowMs;
    this.#set({ kind: 'asking', last: lastOf(this.#state) });
    const answer = await this.#ask(order);
    if (turn !== this.#turn) return;
    this.#set(
      'error' in answer ? { kind: 'refused', error: answer.error } : { kind: 'found', quote: answer.value },
    );
  }

  #set(state: Quoted): void {
    this.#state = state;
    this.#tell(state);
  }
}

/** What there is to read: of a quote that is being asked for anew, the one before. */
export const lastOf = (state: Quoted): MoneyQuote | null =>
  state.kind === 'found' ? state.quote : state.kind === 'asking' ? state.last : null;

const isSame = (one: MoneyOrder | null, other: MoneyOrder | null): boolean =>
  one === other || (one !== null && other !== null && keyOf(one) === keyOf(other));

const keyOf = (order: MoneyOrder): string =>
  JSON.stringify(order, (_name, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
