import type { SeriesPoint, TrainingView } from '../../src-shared/contract/page/runs.ts';
import type { RunId } from '../../src-shared/contract/page/sections.ts';
import { connection } from './connection.svelte.ts';

/** More than two points a pixel show nothing more. */
const POINTS = 600;
/** Between two answers of the host the page appends what the view brings. */
const REFRESH_MS = 20_000;
/** Where the host has no series to give, what was appended must not grow for ever. */
const MOST_POINTS = 1_200;

/** The training loss over the whole run, as bucket averages of the host plus what came since. */
class LossSeries {
  points = $state.raw<readonly SeriesPoint[]>([]);
  #lastStep = -1;
  #askedAtMs = 0;
  #runId: RunId | null = null;

  /** Called whenever the training section changed. */
  follow(id: RunId, training: TrainingView | null): void {
    if (!training) return;
    if (id !== this.#runId) this.#begin(id);
    if (Date.now() - this.#askedAtMs > REFRESH_MS) void this.#refresh(id);
    if (training.loss === null || training.step === this.#lastStep) return;
    this.#lastStep = training.step;
    this.points = [...this.points, { t: Date.now(), v: training.loss }].slice(-MOST_POINTS);
  }

  /** Another run has another line. */
  #begin(id: RunId): void {
    this.#runId = id;
    this.#askedAtMs = 0;
    this.points = [];
  }

  async #refresh(id: RunId): Promise<void> {
    this.#askedAtMs = Date.now();
    const answer = await connection.ask((api) => api.series(id, 'loss', POINTS));
    if (id === this.#runId && 'value' in answer && answer.value.length > 0) this.points = answer.value;
  }
}

export const lossSeries = new LossSeries();
