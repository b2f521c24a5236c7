import { type Listeners, listeners } from '../../../src-node/listeners.ts';
import { pause, underEither, withLimit } from '../../../src-node/waits.ts';
import type { RunLogState } from '../../../src-shared/contract/page/run-logs.ts';
import type { RunLogTarget, RunLogTold } from '../../../src-shared/contract/publish/run-logs.ts';
import { AppError, type CodedError, toCodedError } from '../../../src-shared/errors/app-error.ts';
import { BEFORE_ALL, LOG_ROWS_AT_ONCE, type RunLogRow } from '../../../src-shared/run-logs/row.ts';
import type { RunLogStore } from '../../store/run-log-store.ts';
import { CATCH_UP_MS, LAST_WORDS_MS, TELL_LIMIT_MS } from './limits.ts';
import { afterFailure } from './retry.ts';

/** Who tells rows on: `publish`, or a fake of it. */
export interface RunLogDoor {
  tell(
    target: RunLogTarget,
    batch: { readonly afterSeq: number; readonly rows: readonly RunLogRow[] },
    signal: AbortSignal,
  ): Promise<RunLogTold>;
  finish(target: RunLogTarget, signal: AbortSignal): Promise<void>;
}

export interface ExporterOptions {
  readonly kind: RunLogState['kind'];
  /** The run in the store. */
  readonly runId: number;
  /** What the cursor is kept under: where rows go, without what opens it. */
  readonly cursorName: string;
  readonly everyMs: number;
  /** Turns without a row after which the target hears that the run lives; Infinity: it need not. */
  readonly quietTurns: number;
  readonly log: Pick<RunLogStore, 'rows' | 'pending' | 'cursor' | 'keepCursor'>;
  readonly door: RunLogDoor;
  /** Asked at each telling: a key may have changed. @throws {AppError} WANDB_NO_KEY */
  target(signal: AbortSignal): Promise<RunLogTarget>;
  nowMs(): number;
}

interface ExporterEvents {
  state: RunLogState;
  /** Somebody pressed Stop there, after it had been seen running. */
  stopped: undefined;
}

/** Tells the rows of one run to one target, from where that stands, for as long as it lives. */
export interface Exporter extends Pick<Listeners<ExporterEvents>, 'on'> {
  readonly state: RunLogState;
  /** Something that was wrong may be right now: what waits is tried at once. */
  poke(): void;
  /** Tells what is left, as far as that goes quickly, and says that the run is over. */
  stop(): Promise<void>;
}

export function startExporter(options: ExporterOptions): Exporter {
  const { kind, runId, cursorName, log, door } = options;
  const events = listeners<ExporterEvents>();
  const stopping = new AbortController();
  let poked = new AbortController();
  let state: RunLogState = {
    ...{ kind, lastSeq: null, toldAtMs: null, pendingRows: null, place: null, problem: null },
    ...{ failedSinceMs: null, failures: 0 },
  };
  let wasStopped: boolean | null = null;
  let quiet = 0;

  function change(changes: Partial<RunLogState>): void {
    state = { ...state, ...changes };
    events.emit('state', state);
  }

  async function remember(): Promise<void> {
    const cursor = await log.cursor(runId, cursorName);
    const pendingRows = await log.pending(runId, cursor?.seq ?? BEFORE_ALL);
    change({ lastSeq: cursor?.seq ?? null, toldAtMs: cursor?.atMs ?? null, pendingRows });
  }

  /** @returns whether more rows wait than were told */
  async function tellOnce(signal: AbortSignal): Promise<boolean> {
    const afterSeq = state.lastSeq ?? BEFORE_ALL;
    const rows = await log.rows(runId, afterSeq, LOG_ROWS_AT_ONCE);
    const isWell = state.place !== null && state.problem === null;
    if (rows.length === 0 && isWell && quiet++ < options.quietTurns) return false;
    quiet = 0;
    const told = await door.tell(
      await options.target(signal),
      { afterSeq, rows },
      withLimit(signal, TELL_LIMIT_MS),
    );
    const { lastSeq, place, isStopped } = told;
    const atMs = options.nowMs();
    if (lastSeq !== state.lastSeq) await log.keepCursor(runId, cursorName, { seq: lastSeq, atMs });
    const pendingRows = await log.pending(runId, lastSeq);
    change({
      ...{ lastSeq, toldAtMs: atMs, pendingRows, place },
      ...{ problem: null, failedSinceMs: null, failures: 0 },
    });
    if (isStopped && wasStopped === false) events.emit('stopped', undefined);
    wasStopped = isStopped;
    // Where it stands elsewhere than was thought, nothing was told yet.
    return pendingRows > 0 && (rows.length === LOG_ROWS_AT_ONCE || lastSeq < afterSeq);
  }

  async function fail(problem: CodedError): Promise<void> {
    const pendingRows = await log.pending(runId, state.lastSeq ?? BEFORE_ALL).catch(() => state.pendingRows);
    change({
      ...{ problem, pendingRows, failures: state.failures + 1 },
      failedSinceMs: state.failedSinceMs ?? options.nowMs(),
    });
  }

  async function live(): Promise<void> {
    await remember().catch(() => undefined);
    while (!stopping.signal.aborted) {
      let waitMs = options.everyMs;
      try {
        if (await tellOnce(stopping.signal)) waitMs = CATCH_UP_MS;
      } catch (thrown) {
        if (stopping.signal.aborted) return;
        const problem = toCodedError(thrown);
        await fail(problem);
        waitMs = afterFailure(problem, state.failures);
      }
      await underEither([stopping.signal, poked.signal], (either) => pause(waitMs, either));
      if (poked.signal.aborted) poked = new AbortController();
    }
  }

  async function lastWords(): Promise<void> {
    // Of one that fails already nothing is expected any more: its rows stay for the next start.
    const signal = withLimit(new AbortController().signal, LAST_WORDS_MS);
    if (state.problem === null) while (await tellOnce(signal));
    await door.finish(await options.target(signal), signal);
  }

  const life = live();
  return {
    on: events.on,
    get state() {
      return state;
    },
    poke: () => poked.abort(),
    async stop() {
      stopping.abort(new AppError('CANCELLED'));
      await life;
      await lastWords().catch(() => undefined);
    },
  };
}
