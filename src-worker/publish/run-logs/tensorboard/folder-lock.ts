import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { diskError } from '../../../../src-node/disk-error.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';

/** Holds a folder of event files for one writer. */
export interface FolderLock {
  release(): void;
}

/**
 * An exclusive lock of SQLite on an empty database, as data folders have one: the operating system ends it with the
 * process, however that ended. It is Node's own SQLite, for a child finds no native module of the host's.
 */
const LOCK = 'butterfly.lock';

/** Result codes of SQLite, https://sqlite.org/rescode.html; what is extended stands in the upper bytes. */
const SQLITE_BUSY = 5;
const NAMES: Readonly<Record<number, string>> = {
  ...{ 8: 'SQLITE_READONLY', 10: 'SQLITE_IOERR', 11: 'SQLITE_CORRUPT', 13: 'SQLITE_FULL' },
  ...{ 14: 'SQLITE_CANTOPEN', 15: 'SQLITE_PROTOCOL', 22: 'SQLITE_NOLFS', 26: 'SQLITE_NOTADB' },
};
/** What says that the disk knows no locks, or that the file is none of ours. */
const UNUSABLE: ReadonlySet<string> = new Set([
  ...['SQLITE_CORRUPT', 'SQLITE_PROTOCOL', 'SQLITE_NOLFS', 'SQLITE_NOTADB'],
]);
/** Extended: the system call that locks failed. */
const SQLITE_IOERR_LOCK = 3_850;

/** @throws {AppError} EVENT_FOLDER_IN_USE, EVENT_FOLDER_NO_LOCK, or of the disk */
export function lockEvents(folder: string): FolderLock {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(join(folder, LOCK), { timeout: 0 });
    db.exec('BEGIN EXCLUSIVE');
    const held = db;
    return { release: () => held.close() };
  } catch (thrown) {
    db?.close();
    throw errorOf(thrown, folder);
  }
}

function errorOf(thrown: unknown, folder: string): unknown {
  const { errcode } = thrown as { readonly errcode?: unknown };
  if (typeof errcode !== 'number') return diskError(thrown, folder);
  if ((errcode & 0xff) === SQLITE_BUSY) return new AppError('EVENT_FOLDER_IN_USE', { path: folder }, thrown);
  const name = NAMES[errcode & 0xff] ?? '';
  if (errcode === SQLITE_IOERR_LOCK || UNUSABLE.has(name))
    return new AppError('EVENT_FOLDER_NO_LOCK', { path: folder }, thrown);
  return diskError({ code: name }, folder);
}
