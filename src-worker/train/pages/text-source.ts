import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Failing, orAbort, pause, within } from '../../../src-node/waits.ts';
import type { TextState } from '../../../src-shared/contract/train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { DrawPair } from '../../../src-shared/pages.ts';
import { Gate } from '../loop/gate.ts';
import type { Told } from '../state/disk.ts';
import type { OriginWait } from './hub/origin.ts';
import { OUTAGE_PATIENCE_MS, PAGES_HELD, TEXT_THREAD_MIB, TEXT_THREAD_START_MS } from './limits.ts';
import type { Page, PageSource, SpareSource } from './page-source.ts';
import type { FromTextThread, TextThreadStart, ToTextThread } from './text-messages.ts';

type Asking = ToTextThread extends infer One ? (One extends unknown ? Omit<One, 'id'> : never) : never;

export interface TextSourceOptions {
  readonly told: Told;
  /** What is had and kept, each time that it changes. */
  stated(state: TextState): void;
  /** How long text is waited for before it counts as out of reach. */
  readonly patienceMs?: number;
}

function threadFile(): string {
  const isSource = import.meta.url.endsWith('.ts');
  return fileURLToPath(new URL(isSource ? './text-thread.ts' : './train-text.js', import.meta.url));
}

/** Text that a thread fetches: pages are asked for ahead, and what is out of reach for long is stood in for. */
export class TextSource implements PageSource, SpareSource {
  readonly manifestHash: string;
  readonly #worker: Worker;
  readonly #failing = new Failing();
  readonly #options: TextSourceOptions;
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>();
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
    this.#worker = new Worker(threadFile(), {
      workerData: start,
      resourceLimits: { maxOldGenerationSizeMb: TEXT_THREAD_MIB },
    });
    this.#worker.on('error', (error) => this.#failing.fail(new AppError('INTERNAL', {}, error)));
    this.#worker.on('exit', () => this.#failing.fail(new AppError('CANCELLED')));
  }

  /** @throws {AppError} CORPUS_CORRUPT, PROFILE_INVALID, TIMEOUT */
  static async start(
    start: TextThreadStart,
    options: TextSourceOptions,
    signal: AbortSignal,
  ): Promise<TextSource> {
    const source = new TextSource(start, options);
    const ready = Promise.withResolvers<void>();
    source.#worker.on('message', (message: FromTextThread) => source.#hear(message, ready));
    try {
      const begun = source.#failing.orFail(ready.promise);
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
    this.#asked.set(id, answer);
    this.#worker.postMessage({ ...asking, id });
    return this.#failing.orFail(answer.promise as Promise<T>).finally(() => this.#asked.delete(id));
  }

  #hear(message: FromTextThread, ready: PromiseWithResolvers<void>): void {
    switch (message.kind) {
      case 'ready':
        this.#heldOut = message.heldOut as Uint16Array<ArrayBuffer>;
        ready.resolve();
        break;
      case 'fatal':
        this.#failing.fail(new AppError(message.error.code, message.error.params));
        break;
      case 'answer':
        this.#asked.get(message.id)?.resolve(message.value);
        break;
      case 'failure':
        this.#asked.get(message.id)?.reject(new AppError(message.error.code, message.error.params));
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
