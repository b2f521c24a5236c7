import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FOLLOW_LOOK_MS, LINE_CHARS, READ_BYTES } from './limits.ts';

/** The log's files, the older one first. One of them may be missing. */
export const LOG_FILES = ['butterfly.1.log', 'butterfly.log'] as const;

/** Stands behind the last line that is there by now. */
export const CAUGHT_UP = Symbol('caught up');

/** A file of the log that is being read. It is held open, so no name that it gets or loses is of any matter. */
interface OpenLog {
  readonly file: FileHandle;
  /** Tells it from every other file for as long as it is open. */
  readonly ino: bigint;
  /** Behind the last line that was read. */
  byte: number;
}

/**
 * Every line of the log, the oldest first, and `CAUGHT_UP` behind them; with `follow` also what is written from then
 * on, until the signal. Holds a part of the file at a time, and goes on where the log begins a new file. Lines are
 * passed over only where the log was put aside twice between two looks at it.
 */
export async function* readLog(
  dataDir: string,
  follow: boolean,
  signal: AbortSignal,
): AsyncGenerator<string | typeof CAUGHT_UP> {
  let reading: OpenLog | null = null;
  let next: readonly OpenLog[] = [];
  try {
    for (;;) {
      next = await filesBehind(dataDir, reading);
      // Also of a file that was put aside since: what came to it last stands in it, and nothing comes any more.
      if (reading) yield* linesFrom(reading, signal);
      for (const file of next) {
        await reading?.file.close();
        [reading, next] = [file, next.slice(1)];
        yield* linesFrom(file, signal);
      }
      yield CAUGHT_UP;
      if (!follow || signal.aborted) return;
      await sleep(FOLLOW_LOOK_MS, null, { signal }).catch(() => undefined);
    }
  } finally {
    for (const { file } of [...(reading ? [reading] : []), ...next]) await file.close();
  }
}

/** The files that follow on the one that is being read, in order; all there are where none is. */
async function filesBehind(dataDir: string, reading: OpenLog | null): Promise<readonly OpenLog[]> {
  const [older, newest] = LOG_FILES.map((name) => join(dataDir, name)) as [string, string];
  if (reading && (await inoOf(newest)) === reading.ino) return [];
  for (;;) {
    const last = await openLog(newest);
    const before = await openLog(older);
    // Only where nothing was put aside in between do both names belong together, and the older file comes first.
    const isWhole = (await inoOf(newest)) === (last?.ino ?? null);
    const found = [before, last].filter((log) => log !== null);
    const wanted = isWhole ? found.filter(({ ino }) => ino !== reading?.ino) : [];
    for (const log of found) if (!wanted.includes(log)) await log.file.close();
    if (isWhole) return wanted;
  }
}

async function openLog(path: string): Promise<OpenLog | null> {
  const file = await open(path, 'r').catch(() => null);
  return file && { file, ino: (await file.stat({ bigint: true })).ino, byte: 0 };
}

const inoOf = (path: string): Promise<bigint | null> =>
  stat(path, { bigint: true }).then(
    ({ ino }) => ino,
    () => null,
  );

/** Whole lines from where it was read last to the end of the file. */
async function* linesFrom(log: OpenLog, signal: AbortSignal): AsyncGenerator<string> {
  const buffer = Buffer.alloc(READ_BYTES);
  // A log that could not be put aside begins anew in the same file.
  if ((await log.file.stat()).size < log.byte) log.byte = 0;
  while (!signal.aborted) {
    const { bytesRead } = await log.file.read(buffer, 0, READ_BYTES, log.byte);
    const end = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
    // What has no end yet is still being written; what fills the buffer without one is no line of ours.
    if (end === 0 && bytesRead < READ_BYTES) return;
    log.byte += end || bytesRead;
    const lines = buffer.toString('utf8', 0, end).split('\n').slice(0, -1);
    for (const line of lines) yield line.slice(0, LINE_CHARS);
  }
}
