import type { HostApi } from '../../src-shared/contract/page/api.ts';
import type { RunId } from '../../src-shared/contract/page/sections.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import type { Hex } from '../../src-shared/units.ts';
import { connection } from './connection.svelte.ts';

/** What the user asked for and what came of it. A refusal is shown where notices are, until it is closed. */
class Actions {
  busy = $state<string | null>(null);
  refusal = $state.raw<CodedError | null>(null);
  /** What is asked about before it is done, in a dialog. */
  asking = $state.raw<
    { readonly kind: 'start-over'; readonly run: RunId } | { readonly kind: 'quit' } | null
  >(null);
  /** Where the folder of a practice lies that was begun anew; told until it is closed. */
  keptAt = $state<string | null>(null);

  startPractice = () => this.#run('startPractice', (api) => api.startPractice());
  /** @param minutes null rests until resumed */
  pause = (id: RunId, minutes: number | null) => this.#run('pause', (api) => api.pauseRun(id, minutes));
  resume = (id: RunId) => this.#run('resume', (api) => api.resumeRun(id));
  /** @param minutes null: the house rules hold again */
  setHouseAside = (minutes: number | null) => this.#run('setHouseAside', (api) => api.setHouseAside(minutes));
  stop = (id: RunId, when: 'now' | 'after-round') => this.#run('stop', (api) => api.stopRun(id, when));
  keepRunning = (id: RunId) => this.#run('keepRunning', (api) => api.keepRunning(id));
  startRun = (id: RunId) => this.#run('startRun', (api) => api.startRun(id));
  follow = (id: RunId, hash: Hex) => this.#run('follow', (api) => api.followRun(id, hash));
  testReachability = (id: RunId) => this.#run('testReachability', (api) => api.testReachability(id));
  /** @returns the run that validates */
  becomeValidator = (id: RunId) => this.#run('becomeValidator', (api) => api.becomeValidator(id));
  forget = (id: RunId) => this.#run('forget', (api) => api.forgetRun(id));
  quit = () => this.#run('quit', (api) => api.quit());
  dismissNotice = (id: string) => this.#run('dismiss', (api) => api.dismissNotice(id));
  dismissAway = () => this.#run('dismiss', (api) => api.dismissAway());

  startOver = async (id: RunId): Promise<void> => {
    const kept = await this.#run('startOver', (api) => api.startOver(id));
    if (kept) this.keptAt = kept.keptAt;
  };

  closeRefusal = (): void => {
    this.refusal = null;
  };
  closeKept = (): void => {
    this.keptAt = null;
  };

  async #run<T>(name: string, call: (api: HostApi) => Promise<T>): Promise<T | undefined> {
    if (this.busy) return undefined;
    this.busy = name;
    const answer = await connection.ask(call);
    this.busy = null;
    // That the host is away, or was ended, is told by the banner.
    this.refusal = 'error' in answer && answer.error.code !== 'CANCELLED' ? answer.error : null;
    return 'value' in answer ? answer.value : undefined;
  }
}

export const actions = new Actions();
