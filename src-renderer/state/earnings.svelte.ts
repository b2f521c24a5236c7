import type { EarningsHistory } from '../../src-shared/contract/page/earnings.ts';
import type { RunId } from '../../src-shared/contract/page/sections.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { connection } from './connection.svelte.ts';

/** The ledger of one run, asked for anew whenever it booked something. What is known stays while it is asked. */
export class EarningsLookup {
  history = $state.raw<EarningsHistory | null>(null);
  /** Why the newest question failed. */
  problem = $state.raw<CodedError | null>(null);
  #turn = 0;
  #id: RunId | null = null;

  /** Called with the run that is shown, and again for each epoch of it. */
  async follow(id: RunId): Promise<void> {
    if (id !== this.#id) {
      this.#id = id;
      this.history = null;
      this.problem = null;
    }
    const turn = ++this.#turn;
    const answer = await connection.ask((api) => api.earningsHistory(id));
    if (turn !== this.#turn) return;
    if ('error' in answer) {
      this.problem = answer.error;
      return;
    }
    this.problem = null;
    // Nothing to answer yet: the page is ahead of the host.
    this.history = answer.value ?? null;
  }
}
