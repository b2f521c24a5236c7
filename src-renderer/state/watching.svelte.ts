import type { HostApi } from '../../src-shared/contract/page/api.ts';
import type { AccountId } from '../../src-shared/contract/page/money.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { accountKey } from './accounts.ts';
import { connection } from './connection.svelte.ts';

/** Which account is looked at, and which addresses have names: what is asked of the host about it, and its refusals. */
class Watching {
  isBusy = $state(false);
  refusal = $state.raw<CodedError | null>(null);
  #offered = '';

  watch = (id: AccountId) => this.#run((api) => api.watchAccount(id));

  /** Looks at one's own account without being asked, once. */
  watchOwn(id: AccountId): void {
    if (this.#offered === accountKey(id)) return;
    this.#offered = accountKey(id);
    void this.watch(id);
  }

  watchColdkey = (name: string, address: Ss58) => this.#run((api) => api.watchColdkey({ name, address }));
  setContact = (address: Ss58, name: string | null) => this.#run((api) => api.setContact(address, name));
  openFolder = (path: string) => this.#run((api) => api.setSetting('wallet.folder', path));

  /** @returns whether it went */
  async #run(call: (api: HostApi) => Promise<unknown>): Promise<boolean> {
    if (this.isBusy) return false;
    this.isBusy = true;
    const answer = await connection.ask(call);
    this.isBusy = false;
    this.refusal = 'error' in answer && answer.error.code !== 'CANCELLED' ? answer.error : null;
    return 'value' in answer;
  }
}

export const watching = new Watching();
