import type { AccountView, WorthPoint } from '../../src-shared/contract/page/money.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { accountKey } from './accounts.ts';
import { connection } from './connection.svelte.ts';

const DAYS = 30;
/** A day's last point moves with each look; a line of thirty days does not need every block. */
const AGAIN_MS = 60_000;

/** What the account was worth over the last days. null: not asked yet. */
class WorthLine {
  points = $state.raw<readonly WorthPoint[] | null>(null);
  problem = $state.raw<CodedError | null>(null);
  #key = '';
  #askedAtMs = 0;

  of(account: AccountView): void {
    const key = accountKey(account.id);
    const isOther = key !== this.#key;
    const nowMs = Date.now();
    if (connection.state.kind !== 'open' || (!isOther && nowMs - this.#askedAtMs < AGAIN_MS)) return;
    this.#key = key;
    this.#askedAtMs = nowMs;
    if (isOther) this.points = null;
    void this.#read(key);
  }

  async #read(key: string): Promise<void> {
    const answer = await connection.ask((api) => api.worthSeries(DAYS));
    if (key !== this.#key) return;
    this.problem = 'error' in answer && answer.error.code !== 'CANCELLED' ? answer.error : null;
    if ('value' in answer) this.points = answer.value;
  }
}

export const worthLine = new WorthLine();
