import type { HostApi } from '../../src-shared/contract/page/api.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { connection } from './connection.svelte.ts';
import { newestOnly } from './newest-only.ts';

/** What a person chooses on the page of cards, and why the host refused it. */
class EngineChoices {
  isBusy = $state(false);
  problem = $state.raw<CodedError | null>(null);

  /** @param device the key of a card; '' for the one that drivers offer first */
  useCard = (device: string) =>
    this.#ask(async (api) => {
      // The card first: an engine without its card would be another one, however short.
      await api.setSetting('training.device', device);
      await api.setSetting('training.engine', 'gpu');
    });
  useProcessor = () => this.#ask((api) => api.setSetting('training.engine', 'cpu'));
  useTensorFlow = () => this.#ask((api) => api.setSetting('training.engine', 'tensorflow'));
  /**
   * A slider asks faster than a host answers: whatever else is under way, the newest of its values is kept.
   * @param percent of its time
   * @returns whether the host took the newest
   */
  work = newestOnly((percent: number) => this.#tell((api) => api.setSetting('training.share', percent)));
  measure = (device: string) => this.#ask((api) => api.startBenchmark(device));
  stopMeasuring = () => this.#ask((api) => api.cancelBenchmark());
  lookAgain = () => this.#ask((api) => api.lookForCards('again'));
  addTensorFlow = () => this.#ask((api) => api.addEngine('tensorflow'));
  cancelTensorFlow = () => this.#ask((api) => api.cancelEngine('tensorflow'));
  removeTensorFlow = () => this.#ask((api) => api.removeEngine('tensorflow'));

  async #ask(call: (api: HostApi) => Promise<void>): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    await this.#tell(call);
    this.isBusy = false;
  }

  async #tell(call: (api: HostApi) => Promise<void>): Promise<boolean> {
    const answer = await connection.ask(call);
    this.problem = 'error' in answer && answer.error.code !== 'CANCELLED' ? answer.error : null;
    return !('error' in answer);
  }
}

export const engineChoices = new EngineChoices();
