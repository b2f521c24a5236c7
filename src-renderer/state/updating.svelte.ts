import type { HostApi } from '../../src-shared/contract/page/api.ts';
import type { UpdateDelay } from '../../src-shared/contract/page/updates.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { connection } from './connection.svelte.ts';

/** What a person decides about an update, or about beginning anew, and why the host refused it. */
class Updating {
  isBusy = $state(false);
  problem = $state.raw<CodedError | null>(null);

  check = () => this.#ask((api) => api.checkUpdates());
  download = () => this.#ask((api) => api.downloadUpdate());
  install = () => this.#ask((api) => api.installUpdate());
  putOff = (delay: UpdateDelay) => this.#ask((api) => api.putOffUpdate(delay));
  skip = () => this.#ask((api) => api.skipUpdate());
  offerAgain = () => this.#ask((api) => api.offerUpdateAgain());
  cancel = () => this.#ask((api) => api.cancelUpdate());

  async #ask(call: (api: HostApi) => Promise<void>): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    const answer = await connection.ask(call);
    this.isBusy = false;
    this.problem = 'error' in answer && answer.error.code !== 'CANCELLED' ? answer.error : null;
  }
}

export const updating = new Updating();
