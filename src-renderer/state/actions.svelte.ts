import type { HostApi } from '../../src-shared/contract/page/api.ts';
import type { RunId } from '../../src-shared/contract/page/sections.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { connection } from './connection.svelte.ts';

/** What the user asked for and what came of it. A refusal is shown where notices are, until it is closed. */
class Actions {
  busy = $state<string | null>(null);
  refusal = $state.raw<CodedError | null>(null);

  startPractice = (): Promise<void> => this.#run('startPractice', (api) => api.startPractice());
  /** @param minutes null rests until resumed */
  pause = (id: RunId, minutes: number | null): Promise<void> =>
    this.#run('pause', (api) => api.pauseRun(id, minutes));
  resume = (id: RunId): Promise<void> => this.#run('resume', (api) => api.resumeRun(id));
  dismissNotice = (id: string): Promise<void> => this.#run('dismiss', (api) => api.dismissNotice(id));

  closeRefusal = (): void => {
    this.refusal = null;
  };

  async #run(name: string, call: (api: HostApi) => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = name;
    const answer = await connection.ask(call);
    this.busy = null;
    this.refusal = 'error' in answer ? answer.error : null;
  }
}

export const actions = new Actions();
