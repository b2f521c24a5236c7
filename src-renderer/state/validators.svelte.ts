import type { AccountId } from '../../src-shared/contract/page/money.ts';
import type { ValidatorsView } from '../../src-shared/contract/page/validators.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { accountKey } from './accounts.ts';
import { connection } from './connection.svelte.ts';

/** Stakes and returns change once an epoch; who looks for longer sees them change. */
const LOOK_EVERY_MS = 60_000;
/** A pause of typing that reads as "done". */
const TYPING_PAUSE_MS = 400;

/** Who validates on the subnet that a form is about: read while somebody looks, and kept while a newer look fails. */
export class ValidatorsLook {
  /** null while nothing is known of that subnet. */
  view = $state.raw<ValidatorsView | null>(null);
  problem = $state.raw<CodedError | null>(null);
  #about = '';
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Looks at a subnet of that account's network, soon and from time to time.
   * @param netuid null: none is named
   * @returns what ends it
   */
  follow(id: AccountId, netuid: number | null): () => void {
    const about = `${accountKey(id)}/${netuid}`;
    if (about !== this.#about) {
      this.view = null;
      this.problem = null;
    }
    this.#about = about;
    if (netuid !== null) this.#lookAfter(TYPING_PAUSE_MS, id, netuid);
    return () => {
      this.#turn++;
      clearTimeout(this.#timer);
    };
  }

  #lookAfter(pauseMs: number, id: AccountId, netuid: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(id, netuid), pauseMs);
  }

  async #look(id: AccountId, netuid: number): Promise<void> {
    const turn = ++this.#turn;
    if (!document.hidden) {
      const answer = await connection.ask((api) => api.validators(id, netuid));
      if (turn !== this.#turn) return;
      if ('value' in answer) this.view = answer.value;
      // That the host is away is told by the banner.
      this.problem = 'error' in answer && answer.error.code !== 'CANCELLED' ? answer.error : null;
    }
    this.#lookAfter(LOOK_EVERY_MS, id, netuid);
  }
}
