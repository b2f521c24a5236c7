import { AppError } from '../../src-shared/errors/app-error.ts';
import { csvHead, csvOf } from '../../src-shared/run-logs/csv.ts';
import { BEFORE_ALL, LOG_ROWS_AT_ONCE, type RunLogRow } from '../../src-shared/run-logs/row.ts';
import { exitCodes } from '../commands/exit-codes.ts';
import { helpOf } from '../commands/help.ts';
import { type HistoryOptions, type HistoryTable, kindOfTable } from '../commands/history.ts';
import { defaultDataDir } from '../data-folder.ts';
import { doorOf } from '../publishing/run-logs/door.ts';
import { eventsTarget } from '../publishing/run-logs/targets.ts';
import { sharePublish } from '../publishing/shared-publish.ts';
import { type ReadRunLog, readRunLog } from '../store/read-run-log.ts';
import type { LoggedRun } from '../store/run-log.ts';
import { wantsLog } from './tell.ts';
import { print, printError } from './terminal.ts';

/** Prints or writes what runs of a data folder went through. @returns the exit code */
export async function historyAtTerminal(said: HistoryOptions, signal: AbortSignal): Promise<number> {
  if (said.csv === null && said.tensorboard === null) {
    printError(helpOf('history'));
    return exitCodes.misunderstood;
  }
  const dataDir = said.dataDir ?? defaultDataDir();
  const log = readRunLog(dataDir);
  try {
    const runs = (log?.runs() ?? []).filter(({ hotkey }) => said.run === null || hotkey === said.run);
    if (!log || runs.length === 0) throw new AppError('RUN_LOG_NO_RUN', { path: dataDir });
    if (said.csv !== null) await printTable(log, runs, said.csv, signal);
    if (said.tensorboard !== null)
      await writeEvents(log, runs, { dataDir, folder: said.tensorboard }, signal);
  } finally {
    log?.close();
  }
  return exitCodes.done;
}

async function printTable(
  log: ReadRunLog,
  runs: readonly LoggedRun[],
  table: HistoryTable,
  signal: AbortSignal,
): Promise<void> {
  const kind = kindOfTable(table);
  // A line of the file ends as a line of the terminal does, and with one more.
  print(csvHead(kind).slice(0, -1));
  for (const run of runs.toReversed())
    for (const rows of partsOf(log, run)) {
      signal.throwIfAborted();
      const text = csvOf(kind, run.hotkey, rows);
      if (text === '') continue;
      print(text.slice(0, -1));
      // Whoever reads along may be slower than a database.
      if (process.stdout.writableNeedDrain) await drained(signal);
    }
}

function drained(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      process.stdout.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    process.stdout.once('drain', done);
    signal.addEventListener('abort', done, { once: true });
  });
}

async function writeEvents(
  log: ReadRunLog,
  runs: readonly LoggedRun[],
  { dataDir, folder }: { readonly dataDir: string; readonly folder: string },
  signal: AbortSignal,
): Promise<void> {
  const publish = sharePublish({
    ...{ dataDir, extraEnv: {}, onGaveUp: () => undefined },
    notices: { notice: ({ code }) => printError(code), clearNotice: () => undefined },
    log: (line) => void (wantsLog() && printError(line)),
  });
  try {
    for (const run of runs) {
      const target = eventsTarget(run, folder);
      const door = doorOf(publish, run.hotkey);
      let afterSeq: number = BEFORE_ALL;
      for (;;) {
        const rows = log.rows({ runId: run.runId, afterSeq, limit: LOG_ROWS_AT_ONCE });
        const { lastSeq } = await door.tell(target, { afterSeq, rows }, signal);
        // What stands there already is passed over.
        if (rows.length === 0) break;
        afterSeq = lastSeq;
      }
      await door.finish(target, signal);
      print(`${run.profile}, ${run.hotkey}: ${target.folder}`);
    }
    print(`TensorBoard reads all of them: tensorboard --logdir ${JSON.stringify(folder)}`);
  } finally {
    await publish.stop();
  }
}

function* partsOf(log: ReadRunLog, { runId }: LoggedRun): Iterable<readonly RunLogRow[]> {
  for (let afterSeq: number = BEFORE_ALL; ; ) {
    const rows = log.rows({ runId, afterSeq, limit: LOG_ROWS_AT_ONCE });
    if (rows.length === 0) return;
    yield rows;
    afterSeq = rows.at(-1)?.seq ?? afterSeq;
  }
}
