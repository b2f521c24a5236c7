import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A log of this size is put aside as `butterfly.1.log` at the next start or when it fills up; the one before goes. */
export const LOG_MAX_BYTES = 8 * 1024 * 1024;
/** A line longer than this is cut: a child may print anything. */
export const LOG_LINE_CHARS = 2_000;

const NAME = 'butterfly.log';
const OLDER = 'butterfly.1.log';

export interface LogFile {
  readonly path: string;
  /** Never throws and never waits; a full disk costs lines, not work. */
  write(line: string): void;
  stop(): Promise<void>;
}

/** What the processes say, with times, in the data folder: what a user sends with a report. */
export async function openLogFile(dataDir: string, { echo }: { readonly echo: boolean }): Promise<LogFile> {
  const path = join(dataDir, NAME);
  let bytes = await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
  let stream = await freshIfFull();
  let turning: Promise<unknown> = Promise.resolve();

  function open(): WriteStream {
    const opened = createWriteStream(path, { flags: 'a', mode: 0o600 });
    opened.on('error', () => {});
    return opened;
  }

  async function freshIfFull(): Promise<WriteStream> {
    if (bytes < LOG_MAX_BYTES) return open();
    await rename(path, join(dataDir, OLDER)).catch(() => {});
    bytes = 0;
    return open();
  }

  async function turn(): Promise<void> {
    const full = stream;
    await new Promise<void>((resolve) => full.end(() => resolve()));
    stream = await freshIfFull();
  }

  return {
    path,
    write(line) {
      const text = `${new Date().toISOString()} ${line.slice(0, LOG_LINE_CHARS)}\n`;
      if (echo) process.stderr.write(text);
      if (!stream.writable) return;
      stream.write(text);
      bytes += Buffer.byteLength(text);
      if (bytes >= LOG_MAX_BYTES) turning = turning.then(turn);
    },
    async stop() {
      await turning;
      await new Promise<void>((resolve) => stream.end(() => resolve()));
    },
  };
}
