import { chmodSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import * as v from 'valibot';
import { diskError } from '../../src-node/disk-error.ts';
import { type DurableJson, durableJson } from '../../src-node/durable-json.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';

/**
 * Who may use a data folder is decided by the operating system: an exclusive lock of SQLite on an empty database,
 * held for as long as the process lives. It holds between processes that cannot see each other's ids (containers,
 * Flatpak), between computers where the file system carries locks, and it ends with the process, however that ended.
 * The file stays: removing it would let a third one lock another file of the same name. Nobody in this process may
 * open it by other means, because closing it then would drop the lock (POSIX).
 */
const LOCK = 'in-use.lock';
/** Says to people who holds the folder, and decides nothing. */
const OWNER = 'in-use.json';

const text = v.pipe(v.string(), v.maxLength(256));
const ownerSchema = v.object({ pid: v.number(), host: text, since: text });

export interface FolderLock {
  release(): Promise<void>;
}

/** @throws {AppError} DATA_DIR_IN_USE, LOCK_UNUSABLE */
export async function lockFolder(path: string): Promise<FolderLock> {
  const owner = durableJson({ path: join(path, OWNER), schema: ownerSchema, told: () => undefined });
  const held = lock(join(path, LOCK));
  if (!held) throw await inUse(path, owner);
  try {
    // Whatever stands there was left by a process that is gone.
    await owner.write({ pid: process.pid, host: hostname(), since: new Date().toISOString() });
  } catch (thrown) {
    held.close();
    throw thrown;
  }
  return {
    async release() {
      await rm(join(path, OWNER), { force: true });
      held.close();
    },
  };
}

async function inUse(path: string, owner: DurableJson<v.InferOutput<typeof ownerSchema>>): Promise<AppError> {
  const { pid, host, since } = (await owner.peek()) ?? { pid: '?', host: '?', since: '?' };
  return new AppError('DATA_DIR_IN_USE', { path, pid, host, since });
}

/** @returns null when somebody else holds it */
function lock(path: string): Database | null {
  let db: Database | undefined;
  try {
    db = new Sqlite(path, { timeout: 0 });
    db.exec('BEGIN EXCLUSIVE');
    chmodSync(path, 0o600);
    return db;
  } catch (thrown) {
    db?.close();
    const code = String((thrown as { code?: unknown }).code);
    if (/^SQLITE_BUSY/.test(code)) return null;
    if (/^SQLITE_(NOTADB|CORRUPT|IOERR_LOCK|PROTOCOL|NOLFS)/.test(code))
      throw new AppError('LOCK_UNUSABLE', { path }, thrown);
    throw diskError(thrown, path);
  }
}
