import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Failing, orAbort, pause, within } from '../../../src-node/waits.ts';
import type { TextState } from '../../../src-shared/contract/train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { DrawPair } from '../../../src-shared/pages.ts';
import { Gate } from '../loop/gate.ts';
import type { Told } from '../state/disk.ts';
import type { OriginWait } from './hub/origin.ts';
import {
  OUTAGE_PATIENCE_MS,
  PAGES_HELD,
  TEXT_THREAD_AGAIN_MS,
  TEXT_THREAD_DEATHS_MOST,
  TEXT_THREAD_MIB,
  TEXT_THREAD_START_MS,
} from './limits.ts';
import type { Page, PageSource, SpareSource } from './page-source.ts';
import type { FromTextThread, TextThreadStart, ToTextThread } from './text-messages.ts';

/** A question until it is answered: a thread that is begun again is asked it once more. */
interface Asked {
  readonly message: ToTextThread;
  readonly answer: PromiseWithResolvers<unknown>;
  /** Threads that died while it was theirs. */
  deaths: number;
}

type Asking = ToTextThread extends infer One ? (One extends unknown ? Omit<One, 'id'> : never) : never;

export interface TextSourceOptions {
  readonly told: Told;
  /** What is had and kept, each time that it changes. */
  stated(state: TextState): void;
  /** How long text is waited for before it counts as out of reach. */
  readonly patienceMs?: number;
  /** The file of the thread; left out: ours. */
  readonly thread?: string;
}

function threadFile(): string {
  const isSource = import.meta.url.endsWith('.ts');
  return fileURLToPath(new URL(isSource ? './text-thread.ts' : './train-text.js', import.meta.url));
}

/** Text that a thread fetches: pages are asked for ahead, and what is out of reach for long is stood in for. */
export class TextSource implements PageSource, SpareSource {
  readonly manifestHash: string;
  readonly #start: TextThreadStart;
  #worker: Worker;
  /** Threads that died, one after the other, without an answer from any of them. */
  #deaths = 0;
  /** Whether it has begun; what is asked before that is told it then. */
  #isListening = false;
  readonly #stopping = new AbortController();
  readonly #ready = Promise.withResolvers<void>();
  readonly #failing = new Failing();
  readonly #options: TextSourceOptions;
  readonly #asked = new Map<number, Asked>();
  /** What draws mean, asked for ahead: the thread answers none while it makes a page. The latest asked for last. */
  readonly #draws = new Map<string, Promise<number>>();
  /** Pages that are had or on their way, the latest asked for last. */
  readonly #pages = new Map<number, Promise<Page>>();
  readonly #changed = new Gate();
  #nextId = 0;
  #heldOut = new Uint16Array(0);
  #wait: OriginWait | null = null;
  /** What training or a check waits for, and since when on the monotonic clock. */
  readonly #wanted = new Set<{ readonly sinceMs: number }>();
  readonly #patienceMs: number;
  #kept = { bytes: 0, pages: 0 };
  #isUnassigned = false;

  private constructor(start: TextThreadStart, options: TextSourceOptions) {
    this.manifestHash = start.dataset.manifest ?? '';
    this.#options = options;
    this.#patienceMs = options.patienceMs ?? OUTAGE_PATIENCE_MS;
    this.#start = start;
    this.#worker = this.#begin();
  }

  /** The limit is one of the heap alone: what pages take beside it, in buffers, is bounded page by page (LIMITS). */
  #begin(): Worker {
    const worker = new Worker(this.#options.thread ?? threadFile(), {
      workerData: this.#start,
      resourceLimits: { maxOldGenerationSizeMb: TEXT_THREAD_MIB },
    });
    let why: unknown = null;
    worker.on('message', (message: FromTextThread) => this.#hear(message));
    worker.on('error', (error) => {
      why = error;
    });
    worker.on('exit', (code) => void this.#died(why ?? `exit ${code}`));
    return worker;
  }

  /** Begun again with growing pauses, a few times in a row; what took two threads along is not asked of a third. */
  async #died(why: unknown): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#isListening = false;
    this.#deaths += 1;
    console.error(`the thread of training text ended (${this.#deaths}):`, why);
    const fault = new AppError('INTERNAL', {}, why);
    if (this.#deaths > TEXT_THREAD_DEATHS_MOST) return this.#failing.fail(fault);
    for (const asked of this.#asked.values()) {
      asked.deaths += 1;
      if (asked.deaths >= 2) asked.answer.reject(fault);
    }
    await pause(TEXT_THREAD_AGAIN_MS * 2 ** (this.#deaths - 1), this.#stopping.signal);
    if (!this.#stopping.signal.aborted) this.#worker = this.#begin();
  }

  /** @throws {AppError} CORPUS_CORRUPT, PROFILE_INVALID, TIMEOUT */
  static async start(
    start: TextThreadStart,
    options: TextSourceOptions,
    signal: AbortSignal,
  ): Promise<TextSource> {
    const source = new TextSource(start, options);
    try {
      const begun = source.#failing.orFail(source.#ready.promise);
      await within(begun, 'the thread of training text', TEXT_THREAD_START_MS, signal);
      return source;
    } catch (thrown) {
      await source.stop();
      throw thrown;
    }
  }

  /** Text that no page holds, for evaluation. */
  get heldOut(): Uint16Array {
    return this.#heldOut;
  }

  draw(pair: DrawPair, signal: AbortSignal): Promise<number> {
    return orAbort(this.#awaited(this.#drawn(pair)), signal);
  }

  loadPage(index: number, signal: AbortSignal): Promise<Page> {
    return orAbort(this.#awaited(this.#page(index)), signal);
  }

  /** These will be asked for soon. What fails is told when they are. */
  ahead(pairs: readonly DrawPair[]): void {
    for (const pair of pairs)
      this.#drawn(pair)
        .then((index) => this.#page(index))
        .catch(() => {});
  }

  /** A page of what is here, in a fixed rotation: for training that nobody is told of. */
  spare(turn: number, signal: AbortSignal): Promise<Page> {
    return orAbort(this.#ask<Page>({ kind: 'spare', turn }), signal);
  }

  /** Resolves when text has been waited for longer than a fault that passes, or when the signal aborts. */
  async outOfReach(signal: AbortSignal): Promise<void> {
    while (await this.#changed.until(() => this.#wanted.size > 0, signal)) {
      const sinceMs = Math.min(...[...this.#wanted].map((one) => one.sinceMs));
      const leftMs = sinceMs + this.#patienceMs - performance.now();
      if (leftMs <= 0) return;
      await pause(leftMs, signal);
    }
  }

  /** Whether steps are taken on other text than the round's. */
  setUnassigned(isUnassigned: boolean): void {
    if (this.#isUnassigned === isUnassigned) return;
    this.#isUnassigned = isUnassigned;
    this.#state();
  }

  repeatState(): void {
    this.#state();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#failing.fail(new AppError('CANCELLED'));
    await this.#worker.terminate();
  }

  async #awaited<T>(coming: Promise<T>): Promise<T> {
    const wanted = { sinceMs: performance.now() };
    this.#wanted.add(wanted);
    this.#changed.changed();
    try {
      return await coming;
    } finally {
      this.#wanted.delete(wanted);
    }
  }

  #drawn(pair: DrawPair): Promise<number> {
    return held(this.#draws, `${pair.first} ${pair.second}`, () => this.#ask<number>({ kind: 'draw', pair }));
  }

  #page(index: number): Promise<Page> {
    return held(this.#pages, index, () => this.#ask<Page>({ kind: 'page', index }));
  }

  #ask<T>(asking: Asking): Promise<T> {
    const id = this.#nextId++;
    const answer = Promise.withResolvers<unknown>();
    const message = { ...asking, id } as ToTextThread;
    this.#asked.set(id, { message, answer, deaths: 0 });
    if (this.#isListening) this.#worker.postMessage(message);
    return this.#failing.orFail(answer.promise as Promise<T>).finally(() => this.#asked.delete(id));
  }

  #hear(message: FromTextThread): void {
    switch (message.kind) {
      case 'ready':
        this.#heldOut = message.heldOut as Uint16Array<ArrayBuffer>;
        this.#ready.resolve();
        this.#isListening = true;
        for (const { message: waiting } of this.#asked.values()) this.#worker.postMessage(waiting);
        break;
      case 'fatal':
        // Begun again it would find the same.
        this.#stopping.abort();
        this.#failing.fail(new AppError(message.error.code, message.error.params));
        break;
      case 'answer':
        this.#deaths = 0;
        this.#asked.get(message.id)?.answer.resolve(message.value);
        break;
      case 'failure':
        this.#asked.get(message.id)?.answer.reject(new AppError(message.error.code, message.error.params));
        break;
      case 'notice':
        this.#options.told.notice(message.error);
        break;
      case 'clear':
        this.#options.told.clearNotice(message.code);
        break;
      case 'kept':
        this.#kept = { bytes: message.bytes, pages: message.pages };
        this.#state();
        break;
      case 'wait':
        this.#heardOfWait(message.wait);
    }
  }

  #heardOfWait(wait: OriginWait | null): void {
    if (this.#wait === null && wait === null) return;
    this.#wait = wait;
    this.#state();
  }

  #state(): void {
    this.#options.stated({
      wait: this.#wait && { ...this.#wait },
      isUnassigned: this.#isUnassigned,
      keptBytes: this.#kept.bytes,
      keptPages: this.#kept.pages,
    });
  }
}

/** What is known under a key, or asked for now; the last few are held, and one that failed is asked for anew. */
function held<K, V>(known: Map<K, Promise<V>>, key: K, ask: () => Promise<V>): Promise<V> {
  const before = known.get(key);
  const value = before ?? ask();
  known.delete(key);
  known.set(key, value);
  if (!before) value.catch(() => known.get(key) === value && known.delete(key));
  for (const oldest of known.keys()) {
    if (known.size <= PAGES_HELD) break;
    known.delete(oldest);
  }
  return value;
}
