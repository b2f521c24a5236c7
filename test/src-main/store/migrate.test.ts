import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { copyTo, migrate, versionOf } from '../../../src-main/store/migrate.ts';
import { canWatchFiles, expectDurable, watchFiles } from '../../file-watch.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-migrate-'));
});
afterEach(() => rm(folder, { recursive: true }));

const backup = (version: number) => join(folder, 'backups', `v${version}.db`);
const first = 'CREATE TABLE a(x INTEGER) STRICT';
const second = 'ALTER TABLE a ADD COLUMN y INTEGER';

it('a new database goes through all versions without a copy', () => {
  const db = new Sqlite(join(folder, 'a.db'));
  migrate(db, 'a', [first, second], backup);
  expect(versionOf(db)).toBe(2);
  expect(existsSync(backup(0))).toBe(false);
  db.close();
});

it('an older database keeps its rows and is copied first', () => {
  const db = new Sqlite(join(folder, 'a.db'));
  migrate(db, 'a', [first], backup);
  db.exec('INSERT INTO a VALUES (7)');
  migrate(db, 'a', [first, second], backup);
  expect(db.prepare('SELECT x, y FROM a').all()).toEqual([{ x: 7, y: null }]);
  const copy = new Sqlite(backup(1), { readonly: true });
  expect(copy.prepare('SELECT * FROM a').all()).toEqual([{ x: 7 }]);
  copy.close();
  db.close();
});

it.runIf(canWatchFiles)('a copy outlives a power cut: synced, named, its folder synced', async () => {
  const db = new Sqlite(join(folder, 'a.db'));
  const events = await watchFiles();
  copyTo(db, backup(1));
  expectDurable(events, backup(1));
  db.close();
});

it('a step that fails leaves the version before it', () => {
  const db = new Sqlite(join(folder, 'a.db'));
  migrate(db, 'a', [first], backup);
  expect(() => migrate(db, 'a', [first, `${second}; NONSENSE`], backup)).toThrow();
  expect(versionOf(db)).toBe(1);
  expect(db.prepare("SELECT count(*) FROM pragma_table_info('a')").pluck().get()).toBe(1);
  db.close();
});
