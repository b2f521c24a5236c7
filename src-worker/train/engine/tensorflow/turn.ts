import { setImmediate } from 'node:timers/promises';
import { pause } from '../../../../src-node/waits.ts';
import type { Throttle } from '../throttle.ts';
import { restMs, unthrottled } from '../throttle.ts';
import { REST_LEAST_MS } from './limits.ts';
import type { LoadedTfjs, Tensor, TensorContainer, Tfjs } from './tfjs.ts';

const NEVER = new AbortController().signal;

/** How TensorFlow's calls, which hold the event loop, leave it to others in between. */
export class Turn {
  readonly #tf: Tfjs;
  readonly #isOnCard: boolean;
  readonly #throttle: Throttle;
  readonly #signal: AbortSignal;
  #owedMs = 0;
  #interrupt: AbortSignal | undefined;

  constructor({ tf, isOnCard }: LoadedTfjs, throttle: Throttle = unthrottled, signal = NEVER) {
    this.#tf = tf;
    this.#isOnCard = isOnCard;
    this.#throttle = throttle;
    this.#signal = signal;
  }

  /**
   * One call's work, in a scope: its own tensors are gone when it returns, but for what it gives back. Then others have
   * their turn, and as long a rest as the throttle wants.
   */
  async take<T extends TensorContainer>(work: () => T): Promise<T> {
    this.#interrupt?.throwIfAborted();
    const startedMs = performance.now();
    const made = this.#tf.tidy(work);
    // On a card a call returns before it is done: what is asked of it later would wait for all that was queued.
    if (this.#isOnCard) await this.#settled(made);
    await this.#rest(performance.now() - startedMs);
    return made;
  }

  /** Work that ends between two of its turns, with the signal's reason, once that aborts. */
  async until<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    this.#interrupt = signal;
    try {
      return await work();
    } finally {
      this.#interrupt = undefined;
    }
  }

  /** Timers are coarse: what a short stretch owes is slept once it has come to something. */
  async #rest(workedMs: number): Promise<void> {
    this.#owedMs = this.#throttle.share < 1 ? this.#owedMs + restMs(workedMs, this.#throttle) : 0;
    if (this.#owedMs < REST_LEAST_MS) return setImmediate();
    const startedMs = performance.now();
    await pause(this.#owedMs, this.#signal);
    this.#owedMs -= performance.now() - startedMs;
  }

  async #settled(made: TensorContainer): Promise<void> {
    const tensor = firstTensor(made);
    if (!tensor) return;
    const one = this.#tf.tidy(() => this.#tf.slice(this.#tf.reshape(tensor, [-1]), [0], [1]));
    await one.data();
    one.dispose();
  }
}

function firstTensor(container: TensorContainer): Tensor | null {
  if (container === null || typeof container !== 'object') return null;
  if ('dataId' in container) return container as Tensor;
  for (const inner of Object.values(container) as TensorContainer[]) {
    const found = firstTensor(inner);
    if (found) return found;
  }
  return null;
}
