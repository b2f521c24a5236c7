import { isDeepStrictEqual } from 'node:util';
import type { SetupDetail, SetupStep, SetupStepId } from '../../src-shared/contract/page/runs.ts';

/** The steps as a value that changes; every change is told. Steps may be done in any order. */
export class SetupSteps {
  #steps: readonly SetupStep[];
  readonly #tell: (steps: readonly SetupStep[]) => void;

  /** @param order what this start goes through, as it is listed */
  constructor(order: readonly SetupStepId[], tell: (steps: readonly SetupStep[]) => void) {
    this.#steps = order.map((id) => ({ id, state: 'waiting', detail: null }));
    this.#tell = tell;
    tell(this.#steps);
  }

  get allDone(): boolean {
    return this.#steps.every(({ state }) => state === 'done');
  }

  set(id: SetupStepId, state: SetupStep['state'], detail: SetupDetail | null = null): void {
    const before = this.#steps.find((step) => step.id === id);
    if (before?.state === 'done' || isDeepStrictEqual(before, { id, state, detail })) return;
    this.#steps = this.#steps.map((step) => (step.id === id ? { ...step, state, detail } : step));
    this.#tell(this.#steps);
  }

  /** What was under way has failed; the rest keeps waiting. */
  fail(detail: SetupDetail): void {
    this.#steps = this.#steps.map((step) =>
      step.state === 'working' ? { ...step, state: 'failed', detail } : step,
    );
    this.#tell(this.#steps);
  }
}
