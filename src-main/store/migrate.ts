import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import { AppError } from '../../src-shared/errors/app-error.ts';

/** SQL that leads from one version of a database to the next. Published ones are never changed, only followed. */
export type Migration = string;

export const versionOf = (db: Database): number => db.pragma('user_version', { simple: true }) as number;

/**
 * Brings a database to the newest version, each step in a transaction of its own. One that holds something is copied
 * first to `backupPath(version)`.
 * @throws {AppError} DATABASE_NEWER
 */
export function migrate(
  db: Database,
  name: string,
  migrations: readonly Migration[],
  backupPath: (version: number) => string,
): void {
  const from = versionOf(db);
  if (from > migrations.length) throw new AppError('DATABASE_NEWER', { name });
  if (from > 0 && from < migrations.length) copyTo(db, backupPath(from));
  for (let version = from; version < migrations.length; version++) {
    const apply = db.transaction(() => {
      db.exec(migrations[version] ?? '');
      db.pragma(`user_version = ${version + 1}`);
    });
    apply.immediate();
  }
}

/** A consistent copy of an open database, there whole or not at all. */
export function copyTo(db: Database, path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  db.prepare('VACUUM INTO ?').run(draft);
  chmodSync(draft, 0o600);
  synced(draft);
  renameSync(draft, path);
  // A new name is durable once its folder is synced; Windows keeps names by itself and refuses to open folders.
  if (process.platform !== 'win32') synced(dirname(path));
}

function synced(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
