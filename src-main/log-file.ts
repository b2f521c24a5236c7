import { createWriteStream, type WriteStream } from 'node:fs';
import { open as openFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogCursor, LogPart } from '../src-shared/contract/page/logs.ts';
import { plainText } from '../src-shared/plain-text.ts';
import { PAGE_LINES } from './logs/limits.ts';
import { LOG_FILES } from './logs/read-log.ts';
import { recentLines } from './logs/recent-lines.ts';

/** A log of this size is put aside as `butterfly.1.log` at the next start or when it fills up; the one before goes. */
export const LOG_MAX_BYTES = 8 * 1024 * 1024;
/** A line longer than this is cut: a child may print anything. */
export const LOG_LINE_CHARS = 2_000;
/** Bytes that wait for a slow disk; lines beyond are counted and left out. */
export const LOG_WAITING_BYTES = 1024 * 1024;
/** After a write that failed (a full disk) the file is opened again this much later. */
export const LOG_REOPEN_MS = 2_000;

/** A line with its time in front; a character of UTF-16 takes three bytes at most. */
const LINE_BYTES_MAX = 3 * LOG_LINE_CHARS + 32;

const [OLDER, NAME] = LOG_FILES;

export interface LogFile {
  readonly path: string;
  /** Never throws and never waits; a full disk costs lines, not work, and their number is told afterwards. */
  write(line: string): void;
  /** What was written behind the cursor; the last lines for null, and for the cursor of another host. */
  after(cursor: LogCursor | null): Promise<LogPart>;
  stop(): Promise<void>;
}

export interface LogOptions {
  /** Whether each line goes to the terminal too. */
  readonly echo: boolean;
  /** Monotonic, in ms. */
  nowMs?(): number;
}

/** What the processes say, with times, in the data folder: what a user sends with a report. */
export async function openLogFile(dataDir: string, options: LogOptions): Promise<LogFile> {
  const { echo, nowMs = () => performance.now() } = options;
  const path = join(dataDir, NAME);
  let bytes = await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
  let stream = await freshIfFull();
  let turning: Promise<unknown> | null = null;
  let failedAtMs = 0;
  let leftOut = 0;
  let stopped = false;
  const recent = recentLines(Date.now());

  function open(flags: 'a' | 'w'): WriteStream {
    const opened = createWriteStream(path, { flags, mode: 0o600 });
    opened.on('error', () => {
      failedAtMs = nowMs();
    });
    return opened;
  }

  async function freshIfFull(): Promise<WriteStream> {
    if (bytes < LOG_MAX_BYTES) return open('a');
    bytes = 0;
    // A full one that cannot be put aside gives way: the log is bounded in any case.
    return rename(path, join(dataDir, OLDER)).then(
      () => open('a'),
      () => open('w'),
    );
  }

  async function turn(): Promise<void> {
    const full = stream;
    await ended(full);
    stream = await freshIfFull();
    turning = null;
  }

  function takesLines(): boolean {
    if (!stream.writable && !turning && nowMs() - failedAtMs >= LOG_REOPEN_MS) stream = open('a');
    return stream.writable && stream.writableLength < LOG_WAITING_BYTES;
  }

  function put(line: string): void {
    const text = `${new Date().toISOString()} ${line.slice(0, LOG_LINE_CHARS)}\n`;
    if (echo) process.stderr.write(plainText(text));
    stream.write(text);
    recent.push(text.slice(0, -1));
    bytes += Buffer.byteLength(text);
    if (bytes >= LOG_MAX_BYTES) turning ??= turn();
  }

  return {
    path,
    write(line) {
      if (stopped) return;
      if (!takesLines()) {
        leftOut++;
        return;
      }
      if (leftOut > 0) put(`${leftOut} lines are missing here: the disk took none`);
      leftOut = 0;
      put(line);
    },
    async after(cursor) {
      const part = cursor && recent.behind(cursor);
      if (part) return { ...part, isFresh: false };
      // The end first: what is written while the file is read comes twice at worst, and nothing is passed over.
      const next = recent.end;
      return { lines: await tail(PAGE_LINES), next, missed: 0, isFresh: true };
    },
    async stop() {
      stopped = true;
      await turning;
      await ended(stream);
    },
  };

  async function tail(lines: number): Promise<readonly string[]> {
    const newest = await lastLines(path, lines);
    // One that was put aside a moment ago says more than the few lines of the fresh one.
    const before = newest.length < lines ? await lastLines(join(dataDir, OLDER), lines - newest.length) : [];
    return [...before, ...newest];
  }
}

/** The last lines of a file, whole ones; none where there is no file. */
async function lastLines(path: string, lines: number): Promise<readonly string[]> {
  const file = await openFile(path, 'r').catch(() => null);
  if (!file) return [];
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - lines * LINE_BYTES_MAX);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const read = buffer.toString('utf8', 0, bytesRead).split('\n').slice(0, -1);
    return read.slice(-lines);
  } finally {
    await file.close();
  }
}

/** Resolves when everything is written, or when nothing more can be. */
function ended(stream: WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) return resolve();
    stream.once('close', () => resolve());
    stream.end();
  });
}
