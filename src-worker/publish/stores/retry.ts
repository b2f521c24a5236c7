import { leftAloneMs } from '../../../src-node/retry-after.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import {
  ASKED_WAIT_MAX_MS,
  ASKED_WAIT_MS,
  ASKED_WAITS_MAX,
  RETRY_CEILING_MS,
  RETRY_FIRST_MS,
  TRIES,
} from '../limits.ts';
import type { StoreGround } from './store.ts';

/**
 * Whether and when something that failed is tried again: what the network did, some times with growing pauses; what a
 * store asked for, as long as it said. One of these lives as long as one piece of work.
 */
export class Patience {
  readonly #ground: Pick<StoreGround, 'pause' | 'waiting'>;
  readonly #signal: AbortSignal;
  #failures = 0;
  #asked = 0;

  constructor(ground: Pick<StoreGround, 'pause' | 'waiting'>, signal: AbortSignal) {
    this.#ground = ground;
    this.#signal = signal;
  }

  /** Resolves when it may be tried again. @throws what was thrown, where that is of no use any more */
  async after(thrown: unknown): Promise<void> {
    this.#signal.throwIfAborted();
    if (!(thrown instanceof AppError)) throw thrown;
    if (thrown.code === 'STORE_BUSY') {
      this.#asked += 1;
      if (this.#asked > ASKED_WAITS_MAX) throw thrown;
      return this.#wait('asked', Number(thrown.params.waitMs ?? ASKED_WAIT_MS));
    }
    if (thrown.code !== 'STORE_UNREACHABLE') throw thrown;
    this.#failures += 1;
    if (this.#failures >= TRIES) throw thrown;
    return this.#wait('failed', Math.min(RETRY_CEILING_MS, RETRY_FIRST_MS * 2 ** (this.#failures - 1)));
  }

  async #wait(reason: 'asked' | 'failed', waitMs: number): Promise<void> {
    this.#ground.waiting(reason, Date.now() + waitMs);
    await this.#ground.pause(waitMs, this.#signal);
    this.#signal.throwIfAborted();
  }
}

/** Does it until it is done, as long as patience lasts. */
export async function patiently<T>(
  ground: Pick<StoreGround, 'pause' | 'waiting'>,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const patience = new Patience(ground, signal);
  for (;;) {
    try {
      return await work();
    } catch (thrown) {
      await patience.after(thrown);
    }
  }
}

/** For how long a store wants to be left alone: as it says within bounds, or our own wait where it says nothing. */
export function askedWaitMs(headers: Headers, nowMs: number = Date.now()): number {
  const waitMs = leftAloneMs(headers, nowMs) ?? ASKED_WAIT_MS;
  return Math.max(RETRY_FIRST_MS, Math.min(ASKED_WAIT_MAX_MS, waitMs));
}
