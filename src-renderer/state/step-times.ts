import type { SetupStep } from '../../src-shared/contract/page/runs.ts';

/** How long each setup step took, as far as this page saw it: it may have been opened in the middle of one. */
export class StepTimes {
  readonly #startedAtMs = new Map<string, number>();
  readonly #tookMs = new Map<string, number>();

  /** @returns milliseconds the step has run or took; null while it waits or where its start was not seen. */
  of({ id, state }: SetupStep, nowMs: number): number | null {
    const startedAtMs = this.#startedAtMs.get(id);
    if (state === 'waiting') {
      this.#startedAtMs.delete(id);
      this.#tookMs.delete(id);
      return null;
    }
    if (state === 'working') {
      if (startedAtMs === undefined) this.#startedAtMs.set(id, nowMs);
      return nowMs - (startedAtMs ?? nowMs);
    }
    if (startedAtMs === undefined) return null;
    const tookMs = this.#tookMs.get(id) ?? nowMs - startedAtMs;
    this.#tookMs.set(id, tookMs);
    return tookMs;
  }
}

export const stepTimes = new StepTimes();
