import { EventEmitter } from 'node:events';
import { orAbort, pause } from '../../src-node/waits.ts';
import type {
  CallName,
  ChildClient,
  ChildContract,
  EventName,
  EventOf,
  InitOf,
  ParamsOf,
  ResultOf,
} from '../../src-shared/contract/child.ts';
import { AppError, type CodedError, describeError, toCodedError } from '../../src-shared/errors/app-error.ts';
import { type ChildLink, linkChild } from './child-link.ts';
import type { ExtraEnv } from './extra-env.ts';
import { isHopeless } from './hopeless.ts';
import { lastLines } from './last-lines.ts';
import { type ChildLimits, childLimits, REPORT_LINE_CHARS, REPORT_LINES } from './limits.ts';
import { demandProgram } from './program-files.ts';

/** Where a child stands. `failed` is the end until the host starts it anew; every other state moves by itself. */
export type ChildState =
  | { readonly kind: 'starting'; readonly attempt: number }
  | { readonly kind: 'ready'; readonly pid: number }
  | { readonly kind: 'backing-off'; readonly delayMs: number; readonly error: AppError }
  | { readonly kind: 'failed'; readonly error: AppError; readonly report: readonly string[] }
  | { readonly kind: 'stopped' };

export interface SuperviseOptions<C extends ChildContract> {
  readonly contract: C;
  /** For the log and for error texts: "train", "swarm". */
  readonly name: string;
  /** Path of the child's entry file. */
  readonly entry: string;
  /**
   * Asked anew at each start, so that a restarted child gets what holds now.
   * @param before why the life before ended; null at the first start
   */
  init(before: AppError | null): InitOf<C> | Promise<InitOf<C>>;
  readonly limits?: Partial<ChildLimits>;
  readonly extraEnv: ExtraEnv;
  /** Each time a child is ready: the first start and every restart. Runs before any event is delivered. */
  onReady?(client: ChildClient<C>): void;
  onState?(state: ChildState): void;
  /** What the child wants a person to know; `cleared` takes back what was told under that code. */
  onNotice?(error: CodedError, cleared: boolean): void;
  /** Each line that the child prints, and why it was ended or started anew. */
  log?(line: string): void;
}

export interface SupervisedChild<C extends ChildContract> {
  readonly name: string;
  readonly state: ChildState;
  readonly rssBytes: number | null;
  /** Lines the child last wrote to stderr, over all its lives: the crash report. */
  readonly report: readonly string[];
  /** Waits for the child that is ready now or next. Rejects with why it was given up, or CANCELLED when stopped. */
  whenReady(signal: AbortSignal): Promise<ChildClient<C>>;
  /** Calls the child that is ready now; rejects with CHILD_EXITED when there is none. */
  call<N extends CallName<C>>(name: N, params: ParamsOf<C, N>, signal: AbortSignal): Promise<ResultOf<C, N>>;
  /** Listens across restarts. @returns a function that unsubscribes. */
  on<N extends EventName<C>>(name: N, listener: (payload: EventOf<C, N>) => void): () => void;
  /** Resolves when no process is left. */
  stop(): Promise<void>;
}

/** How long a life was ready, and why it ended. */
interface Life {
  readonly readyForMs: number;
  readonly error: AppError;
}

/** Delay before the restart after the given number of failures in a row (1 or more). */
export const backOffMs = (
  failures: number,
  limits: Pick<ChildLimits, 'backOffMs' | 'backOffCeilingMs'>,
): number => Math.min(limits.backOffCeilingMs, limits.backOffMs * 2 ** (failures - 1));

export function superviseChild<C extends ChildContract>(options: SuperviseOptions<C>): SupervisedChild<C> {
  const { name } = options;
  const limits: ChildLimits = { ...childLimits, ...options.limits };
  const report = lastLines(REPORT_LINES, REPORT_LINE_CHARS);
  const stopping = new AbortController();
  const events = new EventEmitter().setMaxListeners(0);
  let state: ChildState = { kind: 'starting', attempt: 1 };
  let link: ChildLink<C> | undefined;
  let client: ChildClient<C> | undefined;
  let next = Promise.withResolvers<ChildClient<C>>();
  next.promise.catch(() => {});

  function enter(to: ChildState): void {
    state = to;
    options.onState?.(to);
  }

  function becomeReady(ready: ChildClient<C>, pid: number): void {
    client = ready;
    for (const event of Object.keys(options.contract.events) as EventName<C>[]) {
      ready.on(event, (payload) => events.emit(event, payload));
    }
    enter({ kind: 'ready', pid });
    options.onReady?.(ready);
    next.resolve(ready);
  }

  function expectNext(): void {
    if (!client) return;
    client = undefined;
    next = Promise.withResolvers();
    next.promise.catch(() => {});
  }

  /** One life. @param before why the one before ended */
  async function live(before: AppError | null): Promise<Life> {
    await demandProgram(options.entry, stopping.signal);
    const config = await options.init(before);
    if (stopping.signal.aborted) return { readyForMs: 0, error: new AppError('CANCELLED') };
    const current = linkChild({
      contract: options.contract,
      name,
      entry: options.entry,
      config,
      limits,
      extraEnv: options.extraEnv,
      report,
      log: (line) => options.log?.(line),
      onNotice: (error, cleared) => options.onNotice?.(error, cleared),
      onReady: (ready) => becomeReady(ready, current.pid ?? 0),
      onEnded: expectNext,
    });
    link = current;
    const readyAt = await current.ready.then(
      () => performance.now(),
      () => undefined,
    );
    const error = await current.ended;
    link = undefined;
    return { readyForMs: readyAt === undefined ? 0 : performance.now() - readyAt, error };
  }

  async function keepAlive(): Promise<void> {
    let failures = 0;
    let before: AppError | null = null;
    while (!stopping.signal.aborted) {
      enter({ kind: 'starting', attempt: failures + 1 });
      const { readyForMs, error }: Life = await live(before).catch((thrown: unknown) => ({
        readyForMs: 0,
        error: new AppError(toCodedError(thrown).code, toCodedError(thrown).params, thrown),
      }));
      before = error;
      if (stopping.signal.aborted) break;
      failures = readyForMs >= limits.healedAfterMs ? 1 : failures + 1;
      if (isHopeless(error.code)) return giveUp(error, inWords(error));
      if (failures >= limits.failures)
        return giveUp(gaveUp(failures, error), `${failures} failures: ${inWords(error)}`);
      const delayMs = backOffMs(failures, limits);
      options.log?.(`${name} starts again in ${delayMs} ms: ${inWords(error)}`);
      enter({ kind: 'backing-off', delayMs, error });
      await pause(delayMs, stopping.signal);
    }
    next.reject(new AppError('CANCELLED'));
    enter({ kind: 'stopped' });
  }

  function giveUp(error: AppError, after: string): void {
    options.log?.(`${name} is given up after ${after}`);
    next.reject(error);
    enter({ kind: 'failed', error, report: [...report.lines] });
  }

  /** What the last failure was is told in its own sentence: "failed five times" alone helps nobody. */
  const gaveUp = (failures: number, cause: AppError): AppError =>
    new AppError('CHILD_GAVE_UP', { child: name, failures, why: describeError(cause).sentence }, cause);

  const life = keepAlive();

  return {
    name,
    get state() {
      return state;
    },
    get rssBytes() {
      return link?.rssBytes ?? null;
    },
    report: report.lines,
    whenReady: (signal) => orAbort(next.promise, signal),
    call(call, params, signal) {
      if (client) return client.call(call, params, signal);
      return Promise.reject(new AppError('CHILD_EXITED', { child: name, reason: state.kind }));
    },
    on(event, listener) {
      events.on(event, listener);
      return () => events.off(event, listener);
    },
    async stop() {
      stopping.abort();
      await link?.stop();
      await life;
    },
  };
}

/** Code and parameters, for the log. */
const inWords = ({ code, params }: AppError): string =>
  [code, ...Object.entries(params).map(([key, value]) => `${key}=${value}`)].join(' ');
