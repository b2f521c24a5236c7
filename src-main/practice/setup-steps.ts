import type { SetupStep } from '../../src-shared/contract/page.ts';

/** What a practice start goes through, as the page lists it. */
const labels = {
  keys: 'Make practice keys',
  engine: 'Start the training engine',
  chain: 'Start a chain on this computer',
  companions: 'Start three companions and a validator',
  registration: 'Register your miner',
  peers: 'Find each other',
  round: 'Average the first round',
  scores: 'Get the first scores',
  earnings: 'Get paid for the first time',
} as const;

export type SetupStepId = keyof typeof labels;

/** The steps as a value that changes; every change is told. Steps may be done in any order. */
export class SetupSteps {
  #steps: readonly SetupStep[] = (Object.keys(labels) as SetupStepId[]).map((id) => ({
    id,
    label: labels[id],
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

  isDone(id: SetupStepId): boolean {
    return this.#steps.some((step) => step.id === id && step.state === 'done');
  }

  set(id: SetupStepId, state: SetupStep['state'], detail: string | null = null): void {
    const before = this.#steps.find((step) => step.id === id);
    if (before?.state === 'done' || (before?.state === state && before.detail === detail)) return;
    this.#steps = this.#steps.map((step) => (step.id === id ? { ...step, state, detail } : step));
    this.#tell(this.#steps);
  }

  /** What was under way has failed; the rest keeps waiting. */
  fail(detail: string): void {
    this.#steps = this.#steps.map((step) =>
      step.state === 'working' ? { ...step, state: 'failed', detail } : step,
    );
    this.#tell(this.#steps);
  }
}
