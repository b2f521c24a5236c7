import type { Activity } from '../../../src-shared/contract/train.ts';

type Busy = Extract<Activity, { kind: 'busy' }>['work'];

/** Work that has the engine to itself until it is done; the rest takes turns with training. */
const exclusive: ReadonlySet<Busy> = new Set(['contributing', 'settling', 'loading']);

/** Tells what the process does, each time that it changes. */
export class ActivityReport {
  readonly #emit: (activity: Activity) => void;
  readonly #busy: Busy[] = [];
  #told = '';
  /** What the training loop does or would do. */
  #own: Activity = { kind: 'resting', round: null, steps: 0 };

  constructor(emit: (activity: Activity) => void) {
    this.#emit = emit;
  }

  /** What the loop does from now on. */
  loop(activity: Activity): void {
    this.#own = activity;
    this.#tell();
  }

  /** Runs `work` and says so meanwhile. */
  async during<T>(busy: Busy, work: () => Promise<T>): Promise<T> {
    this.#busy.push(busy);
    this.#tell();
    try {
      return await work();
    } finally {
      this.#busy.splice(this.#busy.indexOf(busy), 1);
      this.#tell();
    }
  }

  /** Says it once more: somebody may have begun to listen. */
  repeat(): void {
    this.#told = '';
    this.#tell();
  }

  #tell(): void {
    const activity = this.#now();
    const text = JSON.stringify(activity);
    if (text === this.#told) return;
    this.#told = text;
    this.#emit(activity);
  }

  /** What takes turns with training shows only where nothing is trained. */
  #now(): Activity {
    const alone = this.#busy.find((work) => exclusive.has(work));
    if (alone) return { kind: 'busy', work: alone };
    const between = this.#busy[0];
    return between && this.#own.kind !== 'training' ? { kind: 'busy', work: between } : this.#own;
  }
}
