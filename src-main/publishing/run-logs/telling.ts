import { type Listeners, listeners } from '../../../src-node/listeners.ts';
import { withLimit } from '../../../src-node/waits.ts';
import type { RunLogState } from '../../../src-shared/contract/page/run-logs.ts';
import type { RunLogTarget, RunLogTold } from '../../../src-shared/contract/publish/run-logs.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { BEFORE_ALL, LOG_ROWS_AT_ONCE, type RunLogRow } from '../../../src-shared/run-logs/row.ts';
import type { RunLogStore } from '../../store/run-log-store.ts';
import { TELL_LIMIT_MS } from './limits.ts';

/** Who tells rows on: `publish`, or a fake of it. */
export interface RunLogDoor {
  tell(
    target: RunLogTarget,
    batch: { readonly afterSeq: number; readonly rows: readonly RunLogRow[] },
    signal: AbortSignal,
  ): Promise<RunLogTold>;
  finish(target: RunLogTarget, signal: AbortSignal): Promise<void>;
}

export interface TellingOptions {
  readonly kind: RunLogState['kind'];
  /** The run in the store. */
  readonly runId: number;
  /** What the cursor is kept under: where rows go, without what opens it. */
  readonly cursorName: string;
  /** Turns without a row after which the target hears that the run lives; Infinity: it need not. */
  readonly quietTurns: number;
  readonly log: Pick<RunLogStore, 'rows' | 'pending' | 'cursor' | 'keepCursor'>;
  readonly door: RunLogDoor;
  /** Asked at each telling: a key may have changed. @throws {AppError} WANDB_NO_KEY */
  target(signal: AbortSignal): Promise<RunLogTarget>;
  nowMs(): number;
}

interface TellingEvents {
  state: RunLogState;
  /** Somebody pressed Stop there, after it had been seen running. */
  stopped: undefined;
}

/** How far one run is told to one target: rows behind that are told a batch at a time. */
export class Telling {
  readonly #options: TellingOptions;
  readonly #events = listeners<TellingEvents>();
  #state: RunLogState;
  #wasStopped: boolean | null = null;
  #quietTurns = 0;

  constructor(options: TellingOptions) {
    this.#options = options;
    this.#state = {
      ...{ kind: options.kind, lastSeq: null, toldAtMs: null, pendingRows: null, place: null },
      ...{ problem: null, failedSinceMs: null, failures: 0 },
    };
  }

  readonly on: Listeners<TellingEvents>['on'] = (name, listener) => this.#events.on(name, listener);

  get state(): RunLogState {
    return this.#state;
  }

  /** What was known of it when the host ended; the target itself decides at the first telling. */
  async remember(): Promise<void> {
    const { log, runId, cursorName } = this.#options;
    const cursor = await log.cursor(runId, cursorName);
    const pendingRows = await log.pending(runId, cursor?.seq ?? BEFORE_ALL);
    this.#change({ lastSeq: cursor?.seq ?? null, toldAtMs: cursor?.atMs ?? null, pendingRows });
  }

  /** @returns whether more rows wait than were told */
  async tellOnce(signal: AbortSignal): Promise<boolean> {
    const { log, runId, door, target } = this.#options;
    const afterSeq = this.#state.lastSeq ?? BEFORE_ALL;
    const rows = await log.rows(runId, afterSeq, LOG_ROWS_AT_ONCE);
    if (rows.length === 0 && this.#mayKeepQuiet()) return false;
    this.#quietTurns = 0;
    const told = await door.tell(await target(signal), { afterSeq, rows }, withLimit(signal, TELL_LIMIT_MS));
    const pendingRows = await this.#note(told);
    // Where it stands elsewhere than was thought, nothing was told yet.
    return pendingRows > 0 && (rows.length === LOG_ROWS_AT_ONCE || told.lastSeq < afterSeq);
  }

  /** Notes that a telling failed; what waits is counted for the page. */
  async fail(problem: CodedError): Promise<void> {
    const { log, runId, nowMs } = this.#options;
    const { lastSeq, pendingRows: before, failures, failedSinceMs } = this.#state;
    const pendingRows = await log.pending(runId, lastSeq ?? BEFORE_ALL).catch(() => before);
    this.#change({
      ...{ problem, pendingRows, failures: failures + 1 },
      failedSinceMs: failedSinceMs ?? nowMs(),
    });
  }

  /** Nothing is to be told, and it was heard of lately. */
  #mayKeepQuiet(): boolean {
    const isWell = this.#state.place !== null && this.#state.problem === null;
    return isWell && this.#quietTurns++ < this.#options.quietTurns;
  }

  async #note({ lastSeq, place, isStopped }: RunLogTold): Promise<number> {
    const { log, runId, cursorName, nowMs } = this.#options;
    const atMs = nowMs();
    if (lastSeq !== this.#state.lastSeq) await log.keepCursor(runId, cursorName, { seq: lastSeq, atMs });
    const pendingRows = await log.pending(runId, lastSeq);
    this.#change({
      ...{ lastSeq, toldAtMs: atMs, pendingRows, place },
      ...{ problem: null, failedSinceMs: null, failures: 0 },
    });
    if (isStopped && this.#wasStopped === false) this.#events.emit('stopped', undefined);
    this.#wasStopped = isStopped;
    return pendingRows;
  }

  #change(changes: Partial<RunLogState>): void {
    this.#state = { ...this.#state, ...changes };
    this.#events.emit('state', this.#state);
  }
}
