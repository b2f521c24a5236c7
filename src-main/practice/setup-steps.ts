import { isDeepStrictEqual } from 'node:util';
import type { SetupDetail, SetupStep, SetupStepId } from '../../src-shared/contract/page/runs.ts';

/** What a practice start goes through, in the order in which it is listed. */
const order = [
  'keys',
  'engine',
  'chain',
  'companions',
  'registration',
  'peers',
  'round',
  'scores',
  'earnings',
] as const satisfies readonly SetupStepId[];

type PracticeStep = (typeof order)[number];

/** The steps as a value that changes; every change is told. Steps may be done in any order. */
export class SetupSteps {
  #steps: readonly SetupStep[] = order.map((id) => ({
    id,
    state: 'waiting',
    detail: null,
  }));
  readonly #tell: (steps: readonly SetupStep[]) => void;

  constructor(tell: (steps: readonly SetupStep[]) => void) {
    this.#tell = tell;
    tell(this.#steps);
  }

  get allDone(): boolean {
    return this.#steps.every(({ state }) => state === 'done');
  }

  isDone(id: PracticeStep): boolean {
    return this.#steps.some((step) => step.id === id && step.state === 'done');
  }

  set(id: PracticeStep, state: SetupStep['state'], detail: SetupDetail | null = null): void {
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
