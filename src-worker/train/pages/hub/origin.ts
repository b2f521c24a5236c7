import { pause, withLimit } from '../../../../src-node/waits.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { Turns } from '../../turns.ts';
import {
  ANSWER_BEGINS_MS,
  ANSWER_LEAST_BYTES_PER_S,
  RATE_JITTER_MS,
  REQUEST_RETRY_FIRST_MS,
  REQUEST_RETRY_LEAST_MS,
  REQUEST_RETRY_LONGEST_MS,
  REQUESTS_AT_ONCE,
  WRONG_ANSWERS_MOST,
} from '../limits.ts';
import { type Asked, verdictOn, WrongAnswer } from './answers.ts';

/** Why nothing comes at the moment, and when it is asked for again (Unix ms). */
export interface OriginWait {
  readonly reason: 'rate-limit' | 'unreachable';
  readonly host: string;
  readonly untilMs: number;
}

export interface Question<T> extends Asked {
  /** Bytes that the answer may take, for the time that it may take. */
  readonly bytes: number;
  send(signal: AbortSignal): Promise<Response>;
  /** Of an answer with a good status. @throws {WrongAnswer} */
  read(response: Response): Promise<T>;
}

export interface OriginOptions {
  /** null: it answers again. */
  told(wait: OriginWait | null): void;
  /** In [0, 1). */
  readonly random?: () => number;
  readonly pause?: typeof pause;
  /** The monotonic clock. */
  readonly nowMs?: () => number;
  /** Within which an answer begins. */
  readonly beginsMs?: number;
}

type Outcome<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'rate-limited'; readonly waitMs: number }
  | { readonly kind: 'faulty' }
  | { readonly kind: 'wrong'; readonly error: AppError };

/**
 * Asks servers patiently: two requests at a time; what passes is waited for, as long as the signal lets it; what does not
 * is thrown. One that wants to be left alone for a while is left alone by all.
 */
export class Origin {
  readonly #lines = Array.from({ length: REQUESTS_AT_ONCE }, () => new Turns());
  readonly #options: OriginOptions;
  readonly #random: () => number;
  readonly #pause: typeof pause;
  readonly #nowMs: () => number;
  /** On the monotonic clock. */
  #leftAloneUntilMs = 0;
  #asked = 0;

  constructor(options: OriginOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#pause = options.pause ?? pause;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /**
   * @throws {AppError} TEXT_REFUSED, TEXT_NOT_FOUND, TEXT_ANSWER_WRONG
   * @throws the signal's reason
   */
  async ask<T>(question: Question<T>, signal: AbortSignal): Promise<T> {
    let faults = 0;
    let wrongAnswers = 0;
    for (;;) {
      const outcome = await this.#line().take(() => this.#once(question, signal), signal);
      if (outcome.kind === 'answered') {
        this.#options.told(null);
        return outcome.value;
      }
      if (outcome.kind === 'wrong') {
        wrongAnswers += 1;
        if (wrongAnswers >= WRONG_ANSWERS_MOST) throw outcome.error;
      }
      if (outcome.kind === 'rate-limited') {
        // Exactly what it says, and a little for each of those who heard the same.
        const waitMs = outcome.waitMs + this.#random() * RATE_JITTER_MS;
        this.#leftAloneUntilMs = Math.max(this.#leftAloneUntilMs, this.#nowMs() + waitMs);
        this.#tell('rate-limit', question.host, waitMs);
      } else {
        faults += 1;
        const waitMs = this.#pauseAfter(faults);
        this.#tell('unreachable', question.host, waitMs);
        await this.#pause(waitMs, signal);
      }
      signal.throwIfAborted();
    }
  }

  async #once<T>(question: Question<T>, signal: AbortSignal): Promise<Outcome<T>> {
    const aloneMs = this.#leftAloneUntilMs - this.#nowMs();
    if (aloneMs > 0) await this.#pause(aloneMs, signal);
    signal.throwIfAborted();
    const limit = withLimit(signal, ANSWER_BEGINS_MS + (question.bytes / ANSWER_LEAST_BYTES_PER_S) * 1_000);
    try {
      const response = await this.#begun(question, limit);
      const verdict = verdictOn(response, question);
      if (verdict.kind === 'good') return { kind: 'answered', value: await question.read(response) };
      await response.body?.cancel();
      if (verdict.kind === 'final') throw verdict.error;
      return verdict;
    } catch (thrown) {
      signal.throwIfAborted();
      if (thrown instanceof AppError) throw thrown;
      if (!(thrown instanceof WrongAnswer)) return { kind: 'faulty' };
      const { host, what } = question;
      return {
        kind: 'wrong',
        error: new AppError('TEXT_ANSWER_WRONG', { host, what, reason: thrown.message }, thrown),
      };
    }
  }

  /** The whole answer may take minutes, its beginning may not: a server that says nothing is asked anew before that. */
  async #begun<T>(question: Question<T>, limit: AbortSignal): Promise<Response> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.#options.beginsMs ?? ANSWER_BEGINS_MS);
    try {
      return await question.send(AbortSignal.any([limit, late.signal]));
    } finally {
      clearTimeout(timer);
    }
  }

  /** A line that nobody stands in, else one after the other. */
  #line(): Turns {
    this.#asked += 1;
    return this.#lines.find(({ isTaken }) => !isTaken) ?? this.#lines[this.#asked % this.#lines.length]!;
  }

  /** Full jitter: anything up to the step that its faults have brought it to. */
  #pauseAfter(faults: number): number {
    const stepMs = Math.min(REQUEST_RETRY_LONGEST_MS, REQUEST_RETRY_FIRST_MS * 2 ** (faults - 1));
    return Math.max(REQUEST_RETRY_LEAST_MS, this.#random() * stepMs);
  }

  #tell(reason: OriginWait['reason'], host: string, waitMs: number): void {
    this.#options.told({ reason, host, untilMs: Date.now() + waitMs });
  }
}
