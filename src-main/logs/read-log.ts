import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FOLLOW_LOOK_MS, LINE_CHARS, READ_BYTES } from './limits.ts';

/** The log's files, the older one first. One of them may be missing. */
export const LOG_FILES = ['butterfly.1.log', 'butterfly.log'] as const;

/** Stands behind the last line that is there by now. */
export const CAUGHT_UP = Symbol('caught up');

/**
 * Every line of the log, the oldest first, and `CAUGHT_UP` behind them; with `follow` also what is written from then
 * on, until the signal. Holds a part of the file at a time, and goes on where the log begins a new file.
 */
export async function* readLog(
  dataDir: string,
  follow: boolean,
  signal: AbortSignal,
): AsyncGenerator<string | typeof CAUGHT_UP> {
  const [older, newest] = LOG_FILES.map((name) => join(dataDir, name)) as [string, string];
  yield* linesFrom(older, { byte: 0 }, signal);
  let file = await fileOf(newest);
  let place = { byte: 0 };
  for (;;) {
    yield* linesFrom(newest, place, signal);
    yield CAUGHT_UP;
    if (!follow || signal.aborted) return;
    await sleep(FOLLOW_LOOK_MS, null, { signal }).catch(() => undefined);
    const now = await fileOf(newest);
    if (now === file || now === null) continue;
    // It was put aside meanwhile: its end stands in the older one now.
    if (file !== null) yield* linesFrom(older, place, signal);
    [file, place] = [now, { byte: 0 }];
  }
}

/** What tells one file from the next of the same name. */
const fileOf = (path: string): Promise<number | null> =>
  stat(path).then(
    ({ ino }) => ino,
    () => null,
  );

/** Whole lines from there to the end of the file, and the place moved behind them. */
async function* linesFrom(
  path: string,
  place: { byte: number },
  signal: AbortSignal,
): AsyncGenerator<string> {
  const file = await open(path, 'r').catch(() => null);
  if (!file) return;
  try {
    const buffer = Buffer.alloc(READ_BYTES);
    // A log that could not be put aside begins anew in the same file.
    if ((await file.stat()).size < place.byte) place.byte = 0;
    while (!signal.aborted) {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES, place.byte);
      const end = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
      // What has no end yet is still being written; what fills the buffer without one is no line of ours.
      if (end === 0 && bytesRead < READ_BYTES) return;
      place.byte += end || bytesRead;
      const lines = buffer.toString('utf8', 0, end).split('\n').slice(0, -1);
      for (const line of lines) yield line.slice(0, LINE_CHARS);
    }
  } finally {
    await file.close();
  }
}
