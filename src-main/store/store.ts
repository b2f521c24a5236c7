import { Worker } from 'node:worker_threads';
import type { SeriesName, SeriesPoint } from '../../src-shared/contract/page/runs.ts';
import type { LastCheck } from '../../src-shared/contract/page/validation.ts';
import { AppError, type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import type { ErrorCode } from '../../src-shared/errors/catalogue.ts';
import type { SaidHistory } from '../../src-shared/scoring/why-less.ts';
import type { Hex } from '../../src-shared/units.ts';
import { entryUrl } from '../entry-path.ts';
import { type Ask, type HotkeyLedger, hotkeyLedger, type PartReads, partReads } from './hotkey-ledger.ts';
import {
  CLOSE_MS,
  FLUSH_MS,
  FLUSH_RETRY_MS,
  FLUSH_ROWS,
  MAX_LISTED,
  MAX_POINTS,
  OPEN_MS,
  PENDING_ROWS,
} from './limits.ts';
import type {
  BaseRow,
  BatchedRow,
  BatchedRows,
  BatchedTable,
  EventRow,
  KeptEvidence,
  OwnTransactionRow,
  RoundRow,
  RunKey,
  WorthRow,
} from './rows.ts';
import { type RunLogStore, runLogStore } from './run-log-store.ts';
import { type SubnetStore, subnetStore } from './subnet-store.ts';
import type { RoundsBefore } from './telemetry.ts';
import type { Asked, Operation, ThreadConfig, Told } from './thread.ts';
import type { Uploads } from './uploads.ts';

export interface Store {
  /** What was found wrong while opening, for the user. */
  readonly notices: readonly CodedError[];
  /** The id of a run: that of the same profile and hotkey before, or a new one. */
  startRun(run: RunKey): Promise<number>;
  /** Queues a row; it is written within `FLUSH_MS`. Never fails: a full disk is told through `onProblem`. */
  add<T extends BatchedTable>(table: T, row: BatchedRows[T]): void;
  /** Resolves when everything queued so far is written. Rejects with DISK_FULL; the rows stay queued. */
  flush(): Promise<void>;
  /** At most `points` bucket averages, oldest first. */
  series(runId: number, name: SeriesName, points: number): Promise<readonly SeriesPoint[]>;
  /** Newest first. */
  rounds(runId: number, limit: number): Promise<readonly RoundRow[]>;
  /** Of those that pass the filter, the newest before a round first; `before` null: from the newest on. */
  roundsBefore(query: RoundsBefore): Promise<readonly RoundRow[]>;
  /** Losses and digests of the bases that rounds left, newest first. */
  bases(runId: number, limit: number): Promise<readonly BaseRow[]>;
  /** The round after the newest that a run of this profile and hotkey has seen; null for one that never ran. */
  continuesAt(profileHash: Hex, hotkey: string): Promise<number | null>;
  /** What a run knows of a hotkey, newest first. */
  evidence(runId: number, hotkey: string, limit: number): Promise<readonly KeptEvidence[]>;
  /** When a validator's run last checked each miner, of so many rounds. */
  lastChecks(runId: number, rounds: number): Promise<readonly LastCheck[]>;
  /** What validators said last of a hotkey, round beside round. */
  saidHistory(runId: number, hotkey: string, limit: number): Promise<SaidHistory>;
  /** What people were told from then on, looked for among the newest `limit` rows; newest first. */
  events(sinceMs: number, limit: number): Promise<readonly EventRow[]>;
  /** The newest `limit` uploads, newest first, and what all of them sent from that moment on. */
  uploads(sinceMs: number, limit: number): Promise<ReturnType<Uploads['uploads']>>;
  /** What runs went through, for whoever tells it on. */
  readonly runLog: RunLogStore;
  /** What was seen of one subnet of one chain over time. */
  subnet(genesisHash: Hex, netuid: number): SubnetStore;
  /** Hotkeys that something is booked of; `chain` is genesis and subnet in one word. */
  bookedHotkeys(): Promise<readonly { readonly chain: string; readonly hotkey: string }[]>;
  /** What hotkeys earned on one subnet of one chain. */
  ledger(genesisHash: Hex, netuid: number): HotkeyLedger;
  /** The ledger a part at a time, for whoever wants all of it. */
  readonly parts: PartReads;
  /** What this user's coldkeys had signed, on whatever chain. */
  readonly transactions: TransactionStore;
  /** Whose fate is open in the store of another folder. @throws {AppError} of the disk */
  openElsewhere(folder: string): Promise<readonly OwnTransactionRow[]>;
  /** What an account held at that moment; of a day the last is kept. */
  noteWorth(genesisHash: Hex, row: WorthRow): Promise<void>;
  /** Oldest first, one a UTC day, from the day of that moment on. */
  worthSince(genesisHash: Hex, coldkey: string, sinceMs: number): Promise<readonly WorthRow[]>;
  /** Writes what is queued and closes both files. */
  stop(): Promise<void>;
}

export interface TransactionStore {
  /** Synced when it resolves; a row of the same id gives way. @throws {AppError} of the disk */
  keep(row: OwnTransactionRow): Promise<void>;
  /** Newest first: the newest `limit`, and all whose fate is open. */
  list(limit: number): Promise<readonly OwnTransactionRow[]>;
}

export interface StoreOptions {
  readonly dataDir: string;
  /** A batch could not be written, or rows were lost. Training goes on without them. */
  onProblem(problem: AppError): void;
  /** What was told under that code is over: the disk takes rows again. */
  onRecovered(code: ErrorCode): void;
}

/** @throws {AppError} DATABASE_NEWER, DISK_FULL, DATA_DIR_UNWRITABLE */
export async function openStore({ dataDir, onProblem, onRecovered }: StoreOptions): Promise<Store> {
  const thread = await startThread({ dataDir });
  const { ask } = thread;
  const queue = batches((rows) => ask('write', rows), { onProblem, onRecovered });

  async function afterFlush<T>(read: () => Promise<T>): Promise<T> {
    // A reader sees what was queued before it asked; if the disk takes nothing, it sees what is there.
    await queue.flush().catch(() => {});
    return read();
  }

  return {
    notices: thread.notices,
    startRun: (run) => ask('startRun', run),
    add: (table, row) => queue.add({ table, row } as BatchedRow),
    flush: queue.flush,
    series: (runId, name, points) =>
      afterFlush(() => ask('series', { runId, name, points: Math.min(points, MAX_POINTS) })),
    rounds: (runId, limit) => afterFlush(() => ask('rounds', { runId, limit: Math.min(limit, MAX_LISTED) })),
    roundsBefore: ({ limit, ...query }) =>
      afterFlush(() => ask('roundsBefore', { ...query, limit: Math.min(limit, MAX_LISTED) })),
    bases: (runId, limit) => afterFlush(() => ask('bases', { runId, limit: Math.min(limit, MAX_LISTED) })),
    continuesAt: (profileHash, hotkey) => afterFlush(() => ask('continuesAt', { profileHash, hotkey })),
    lastChecks: (runId, rounds) => afterFlush(() => ask('lastChecks', { runId, rounds })),
    evidence: (runId, hotkey, limit) =>
      afterFlush(() => ask('evidence', { runId, hotkey, limit: Math.min(limit, MAX_LISTED) })),
    saidHistory: (runId, hotkey, limit) =>
      afterFlush(() => ask('saidHistory', { runId, hotkey, limit: Math.min(limit, MAX_LISTED) })),
    events: (sinceMs, limit) =>
      afterFlush(() => ask('events', { sinceMs, limit: Math.min(limit, MAX_LISTED) })),
    uploads: (sinceMs, limit) =>
      afterFlush(() => ask('uploads', { sinceMs, limit: Math.min(limit, MAX_LISTED) })),
    runLog: runLogStore((operation, argument) => afterFlush(() => ask(operation, argument))),
    subnet: (genesisHash, netuid) =>
      subnetStore((operation, argument) => afterFlush(() => ask(operation, argument)), genesisHash, netuid),
    bookedHotkeys: () => ask('bookedHotkeys', undefined),
    ledger: (genesisHash, netuid) => hotkeyLedger(ask, genesisHash, netuid),
    parts: partReads(ask, dataDir),
    transactions: {
      keep: (row) => ask('keepTransaction', row),
      list: (limit) => ask('ownTransactions', { limit }),
    },
    openElsewhere: (folder) => ask('openElsewhere', folder),
    noteWorth: (chain, row) => ask('noteWorth', { chain, row }),
    worthSince: (chain, coldkey, sinceMs) => ask('worthSince', { chain, coldkey, sinceMs }),
    async stop() {
      await queue.stop();
      await thread.stop();
    },
  };
}

interface StoreThread {
  readonly notices: readonly CodedError[];
  readonly ask: Ask;
  stop(): Promise<void>;
}

async function startThread(config: ThreadConfig): Promise<StoreThread> {
  const worker = new Worker(entryUrl('store-worker'), {
    workerData: config,
    execArgv: [],
    env: {},
    stdout: true,
    stderr: true,
  });
  // By way of this thread's console, so that it reaches the log.
  for (const said of [worker.stdout, worker.stderr])
    said.setEncoding('utf8').on('data', (text: string) => console.error(text.trimEnd()));
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const opened = Promise.withResolvers<readonly CodedError[]>();
  const gone = Promise.withResolvers<void>();
  let lastId = 0;
  let ended = false;

  const end = (cause?: unknown) => {
    ended = true;
    const error = new AppError('INTERNAL', {}, cause);
    opened.reject(error);
    for (const call of waiting.values()) call.reject(error);
    waiting.clear();
    gone.resolve();
  };
  worker.on('error', end);
  worker.on('exit', () => end());
  worker.on('message', (told: Told) => {
    if (told.kind === 'opened') opened.resolve(told.notices);
    else if (told.kind === 'not-opened') opened.reject(new AppError(told.error.code, told.error.params));
    else {
      const call = waiting.get(told.id);
      waiting.delete(told.id);
      if (told.kind === 'value') call?.resolve(told.value);
      else call?.reject(new AppError(told.error.code, told.error.params));
    }
  });

  function ask(operation: Operation, argument: unknown): Promise<never> {
    if (ended) return Promise.reject(new AppError('NOT_NOW', { what: 'storing', state: 'stopped' }));
    const call = Promise.withResolvers<unknown>();
    const id = ++lastId;
    waiting.set(id, call);
    worker.postMessage({ id, operation, argument } satisfies Asked);
    return call.promise as Promise<never>;
  }

  const limit = setTimeout(
    () => opened.reject(new AppError('TIMEOUT', { what: 'opening the databases', limitMs: OPEN_MS })),
    OPEN_MS,
  );
  try {
    const notices = await opened.promise;
    return {
      notices,
      ask: ask as Ask,
      async stop() {
        if (ended) return;
        const late = setTimeout(() => void worker.terminate(), CLOSE_MS);
        await ask('close', undefined).catch(() => {});
        await gone.promise;
        clearTimeout(late);
      },
    };
  } catch (thrown) {
    await worker.terminate();
    throw thrown;
  } finally {
    clearTimeout(limit);
  }
}

interface Batches {
  add(row: BatchedRow): void;
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/** Gathers rows into transactions. While the disk takes none they wait, up to a bound. */
function batches(
  write: (rows: readonly BatchedRow[]) => Promise<number>,
  { onProblem, onRecovered }: Pick<StoreOptions, 'onProblem' | 'onRecovered'>,
): Batches {
  let queued: BatchedRow[] = [];
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  let writing: Promise<void> = Promise.resolve();
  let ailing: ErrorCode | null = null;

  async function writeQueued(): Promise<void> {
    if (queued.length === 0) return;
    const rows = queued;
    queued = [];
    try {
      const left = await write(rows);
      if (ailing) onRecovered(ailing);
      ailing = null;
      if (left > 0) onProblem(new AppError('ROWS_LOST', { rows: left }));
    } catch (thrown) {
      queued = [...rows, ...queued];
      // One notice for a disk that is full, not four a second; and another try even if no further row comes.
      if (!ailing) onProblem(thrown as AppError);
      ailing = toCodedError(thrown).code;
      if (!ended) timer ??= setTimeout(() => flush().catch(() => {}), FLUSH_RETRY_MS);
      throw thrown;
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const next = writing.then(writeQueued);
    writing = next.catch(() => {});
    return next;
  }

  return {
    add(row) {
      queued.push(row);
      if (queued.length > PENDING_ROWS) {
        queued.splice(0, FLUSH_ROWS);
        onProblem(new AppError('ROWS_LOST', { rows: FLUSH_ROWS }));
      }
      if (queued.length === FLUSH_ROWS) flush().catch(() => {});
      else timer ??= setTimeout(() => flush().catch(() => {}), FLUSH_MS);
    },
    flush,
    async stop() {
      ended = true;
      await flush().catch(() => {});
    },
  };
}
