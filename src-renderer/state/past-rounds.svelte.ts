import type { RoundFilter, RoundsPart } from '../../src-shared/contract/page/runs.ts';
import type { RunId } from '../../src-shared/contract/page/sections.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { connection } from './connection.svelte.ts';
import { behind, withOlder } from './round-parts.ts';

/** Rounds of a run from its store, a part at a time, while a screen shows them. */
export class PastRounds {
  rounds = $state.raw<RoundsPart['rounds']>([]);
  /** null: there are no older ones. */
  before = $state.raw<number | null>(null);
  isRead = $state(false);
  error = $state.raw<CodedError | null>(null);
  #asked = '';
  #asking = 0;

  /** Reads the newest; older ones of the same kind that were read before stay. */
  async read(id: RunId, filter: RoundFilter): Promise<void> {
    const wanted = `${id} ${filter}`;
    if (wanted !== this.#asked) this.#forget();
    this.#asked = wanted;
    await this.#ask(id, filter, null);
  }

  async readOlder(id: RunId, filter: RoundFilter): Promise<void> {
    if (this.before !== null) await this.#ask(id, filter, this.before);
  }

  async #ask(id: RunId, filter: RoundFilter, before: number | null): Promise<void> {
    const asking = ++this.#asking;
    const answer = await connection.ask((api) => api.pastRounds(id, filter, before));
    // Another one was asked since, whose answer counts.
    if (asking !== this.#asking) return;
    this.error = 'error' in answer ? answer.error : null;
    if ('error' in answer) return;
    this.isRead = true;
    const joined = before === null ? withOlder(answer.value, this) : behind(answer.value, this);
    this.rounds = joined.rounds;
    this.before = joined.before;
  }

  #forget(): void {
    this.rounds = [];
    this.before = null;
    this.isRead = false;
  }
}
