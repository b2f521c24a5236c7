import { type FileHandle, mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError } from '../../../../src-node/disk-error.ts';
import { syncFolder, writeAt } from '../../../../src-node/durable.ts';
import { axisValueOf, type Metrics, metricsOf } from '../../../../src-shared/run-logs/metrics.ts';
import type { RunLogRow } from '../../../../src-shared/run-logs/row.ts';
import { encodeEvent, versionEvent } from './event.ts';
import { lockEvents } from './folder-lock.ts';
import { readBack } from './read-back.ts';
import { frame } from './record.ts';
import { keepTail } from './torn-tail.ts';

/** The event files of a run, in a folder of its own, as TensorBoard reads them. A row is one record, whole or not there. */
export interface EventFile {
  /** The last row that stands in it; -1: none. */
  readonly lastSeq: number;
  /** Whether the file still lies there and ends where it was left: people clear folders while a run is at work. */
  isCurrent(): Promise<boolean>;
  /** Writes rows behind the last one, and syncs them; those that stand there already are passed over. */
  append(rows: readonly RunLogRow[]): Promise<void>;
  close(): Promise<void>;
}

export interface EventFileOptions {
  readonly folder: string;
  /** Which numbering the rows have: those of another one stand in files of their own. */
  readonly logId: string;
  /** Whose run it is. */
  readonly hotkey: string;
  nowMs(): number;
  /** The end of a file was torn; it lies aside, and the file goes on before it. */
  torn(path: string, movedTo: string): void;
}

/**
 * Goes on with the newest event file of the folder, or begins one. The folder is this writer's until it is closed: one
 * that outlives its host by a moment must not write behind the next one's back.
 * @throws {AppError} EVENT_FOLDER_IN_USE, EVENT_FOLDER_NO_LOCK, or of the disk
 */
export async function openEventFile(options: EventFileOptions): Promise<EventFile> {
  const { folder, logId } = options;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const lock = lockEvents(folder);
    try {
      const path = join(folder, (await newestIn(folder, logId)) ?? nameOf(logId, options.nowMs()));
      const file = await openOrBegin(path);
      try {
        return await goOn(file, path, options, lock.release);
      } catch (thrown) {
        await file.close();
        throw thrown;
      }
    } catch (thrown) {
      lock.release();
      throw thrown;
    }
  } catch (thrown) {
    throw diskError(thrown, folder);
  }
}

const openOrBegin = (path: string): Promise<FileHandle> =>
  open(path, 'r+').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== 'ENOENT') throw thrown;
    return open(path, 'wx+', 0o600);
  });

async function goOn(
  file: FileHandle,
  path: string,
  { folder, hotkey, nowMs, torn }: EventFileOptions,
  release: () => void,
): Promise<EventFile> {
  const { lastSeq: found, wholeBytes, sizeBytes } = await readBack(file);
  let lastSeq = found;
  let endsAt = wholeBytes;
  if (wholeBytes < sizeBytes) {
    const movedTo = await keepTail(file, folder, { from: wholeBytes, to: sizeBytes });
    await file.truncate(wholeBytes);
    torn(path, movedTo);
  }
  if (endsAt === 0) await write([frame(versionEvent(nowMs()))]);
  await syncFolder(folder);
  const opened = await file.stat({ bigint: true });

  async function write(frames: readonly Uint8Array[]): Promise<void> {
    const bytes = Buffer.concat(frames);
    try {
      await writeAt(file, bytes, endsAt);
      await file.datasync();
    } catch (thrown) {
      // What a full disk took of it would stand behind the next rows.
      await file.truncate(endsAt).catch(() => undefined);
      throw thrown;
    }
    endsAt += bytes.length;
  }

  return {
    get lastSeq() {
      return lastSeq;
    },
    async isCurrent() {
      const now = await stat(path, { bigint: true }).catch(() => null);
      return now?.ino === opened.ino && now.dev === opened.dev && now.size === BigInt(endsAt);
    },
    async append(rows) {
      const fresh = rows.filter(({ seq }) => seq > lastSeq);
      if (fresh.length === 0) return;
      try {
        await write(fresh.map((row) => frame(encodeEvent(eventOf(row, hotkey)))));
      } catch (thrown) {
        throw diskError(thrown, path);
      }
      lastSeq = fresh.at(-1)?.seq ?? lastSeq;
    },
    async close() {
      await file.close().finally(release);
    },
  };
}

const eventOf = (row: RunLogRow, hotkey: string) => ({
  ...{ seq: row.seq, atMs: row.atMs, step: axisValueOf(row), scalars: numbersOf(metricsOf(row, hotkey)) },
});

/** TensorBoard draws numbers alone. */
const numbersOf = (metrics: Metrics): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(metrics).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );

/** The time stands first, by which TensorBoard sorts. */
const nameOf = (logId: string, nowMs: number): string =>
  `events.out.tfevents.${Math.floor(nowMs / 1_000)
    .toString()
    .padStart(10, '0')}.butterfly.${logId}`;

async function newestIn(folder: string, logId: string): Promise<string | undefined> {
  const ours = (name: string) =>
    name.startsWith('events.out.tfevents.') && name.endsWith(`.butterfly.${logId}`);
  return (await readdir(folder)).filter(ours).toSorted().at(-1);
}
