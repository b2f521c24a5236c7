import type { HostApi } from '../../src-shared/contract/page/api.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { connection } from './connection.svelte.ts';

/** What is known of a question that is asked while one types. */
export type Found<T> =
  | { readonly kind: 'none' }
  | { readonly kind: 'asking' }
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'refused'; readonly error: CodedError };

/** A pause of typing that reads as "done": shorter asks for half an address, longer feels dead. */
const TYPING_PAUSE_MS = 400;

/** A question to the host that follows an input: asked when typing rests, and only the newest one's answer counts. */
export class Lookup<T> {
  state = $state.raw<Found<T>>({ kind: 'none' });
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param call null: there is nothing to ask */
  ask(call: ((api: HostApi) => Promise<T>) | null, afterMs = TYPING_PAUSE_MS): void {
    const turn = ++this.#turn;
    clearTimeout(this.#timer);
    if (!call) {
      this.state = { kind: 'none' };
      return;
    }
    this.state = { kind: 'asking' };
    this.#timer = setTimeout(async () => {
      const answer = await connection.ask(call);
      if (turn !== this.#turn) return;
      this.state =
        'error' in answer ? { kind: 'refused', error: answer.error } : { kind: 'found', value: answer.value };
    }, afterMs);
  }
}

export const foundOf = <T>(found: Found<T>): T | null => (found.kind === 'found' ? found.value : null);
