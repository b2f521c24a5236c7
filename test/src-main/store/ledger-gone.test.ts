import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBackups, rowsOf } from '../../../src-main/store/backups.ts';
import { BACKUP_DAYS_KEPT, BACKUPS_RECENT } from '../../../src-main/store/limits.ts';
import { openStore, type Store } from '../../../src-main/store/store.ts';
import { hex, ss58 } from '../../../src-shared/units.ts';
import { noteScanned } from '../../booked.ts';

let folder = '';
let store: Store | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-ledger-gone-'));
});
afterEach(async () => {
  await store?.stop();
  store = undefined;
  await rm(folder, { recursive: true });
});

const hotkey = ss58('5Hotkey');
const genesis = hex('00aa');
const file = () => join(folder, 'ledger.db');
const copies = () => join(folder, 'backups');
const ledger = () => store!.ledger(genesis, 1);
const blocks = async () => (await ledger().epochsSince(hotkey, 0)).map(({ block }) => block);

async function reopen(): Promise<Store> {
  await store?.stop();
  store = await openStore({
    dataDir: folder,
    onProblem: (problem) => expect.unreachable(problem.code),
    onRecovered: () => undefined,
  });
  return store;
}

/** Books straight into the file of a store that is closed: one write for all. */
function insert(from: number, to: number): void {
  const db = new Sqlite(file());
  const row = db.prepare('INSERT INTO epoch_booking VALUES (?, ?, ?, ?, 0, ?, NULL, NULL)');
  db.transaction(() => {
    for (let block = from; block <= to; block++) row.run(`${genesis}/1`, hotkey, block, block, block);
  })();
  db.close();
}

/** A folder whose newest backup holds blocks 1 to 3 and whose ledger holds 25 more. */
async function folderWithRows(): Promise<void> {
  await reopen();
  await noteScanned(ledger(), hotkey, 1);
  await store?.stop();
  insert(1, 3);
  await reopen();
  await store?.stop();
  const before = new Set(await readdir(copies()));
  insert(4, 28);
  await reopen();
  await noteScanned(ledger(), hotkey, 28);
  await store?.stop();
  store = undefined;
  // The copy of that start has them all.
  for (const copy of await readdir(copies())) if (!before.has(copy)) await rm(join(copies(), copy));
}

const emptied = () => {
  const db = new Sqlite(file());
  db.exec('DELETE FROM epoch_booking');
  db.close();
};

describe('a ledger that was there', () => {
  it.each([
    ['is missing', () => rm(file())],
    ['has no bytes', () => truncate(file())],
    ['lost its rows', async () => emptied()],
  ])(
    'and %s comes back from its backup, is told, and is scanned from where it ends',
    async (_title, harm) => {
      await folderWithRows();
      await harm();
      const { notices } = await reopen();
      expect(notices).toMatchObject([{ code: 'LEDGER_RESTORED', params: { found: 0, known: 28 } }]);
      expect(await blocks()).toEqual([1, 2, 3]);
      expect(await ledger().scannedBlock(hotkey)).toBe(3);
      expect((await reopen()).notices).toEqual([]);
    },
  );

  it('and never had a row in a backup is scanned from its first block', async () => {
    await folderWithRows();
    await rm(file());
    for (const copy of (await readdir(copies())).slice(1)) await rm(join(copies(), copy));
    const db = new Sqlite(join(copies(), (await readdir(copies()))[0]!));
    db.exec('DELETE FROM epoch_booking; DELETE FROM scan_cursor');
    db.close();
    const { notices } = await reopen();
    expect(notices).toMatchObject([{ code: 'LEDGER_RESTORED' }]);
    expect(await ledger().scannedBlock(hotkey)).toBe(0);
  });

  it('and is gone with all its backups is told as lost, and scanned from its first block', async () => {
    await folderWithRows();
    await rm(file());
    await rm(copies(), { recursive: true });
    expect((await reopen()).notices).toEqual([{ code: 'DATABASE_LOST', params: { name: 'ledger' } }]);
    expect(await ledger().scannedBlock(hotkey)).toBe(0);
  });

  it('and lost only what no backup has is kept, told, and scanned from where it ends', async () => {
    await folderWithRows();
    const db = new Sqlite(file());
    db.exec('DELETE FROM epoch_booking WHERE block > 20');
    db.close();
    const { notices } = await reopen();
    expect(notices).toEqual([{ code: 'LEDGER_ROWS_LOST', params: { name: 'ledger', found: 20, known: 28 } }]);
    expect(await ledger().scannedBlock(hotkey)).toBe(20);
    expect((await blocks()).at(-1)).toBe(20);
  });

  it('and whose backup is spoilt comes back from the one before', async () => {
    await folderWithRows();
    await rm(file());
    await writeFile(join(copies(), 'ledger-2999-01-01.db'), 'not a database');
    const { notices } = await reopen();
    expect(notices).toMatchObject([{ code: 'LEDGER_RESTORED' }]);
    expect(await blocks()).toEqual([1, 2, 3]);
  });

  it('leaves no journal that would be read into the restored one', async () => {
    await folderWithRows();
    await rm(file());
    await writeFile(`${file()}-wal`, 'the journal of the ledger that is gone');
    await reopen();
    expect(await blocks()).toEqual([1, 2, 3]);
    expect(existsSync(`${file()}.damaged-1-wal`)).toBe(true);
  });

  it('in a new folder is no damage', async () => {
    expect((await reopen()).notices).toEqual([]);
  });
});

describe('telemetry that was there', () => {
  it('and is missing is begun anew and told', async () => {
    await reopen();
    await store?.stop();
    for (const suffix of ['', '-wal', '-shm'])
      await rm(join(folder, `telemetry.db${suffix}`), { force: true });
    expect((await reopen()).notices).toEqual([{ code: 'DATABASE_LOST', params: { name: 'telemetry' } }]);
    expect((await reopen()).notices).toEqual([]);
  });
});

describe('copies of the ledger', () => {
  const database = (rows: number) => {
    const db = new Sqlite(':memory:');
    db.exec('CREATE TABLE epoch_booking(block INTEGER PRIMARY KEY)');
    for (let block = 1; block <= rows; block++) db.prepare('INSERT INTO epoch_booking VALUES (?)').run(block);
    return db;
  };
  const day = 86_400_000;
  const take = (rows: number, nowMs: number) => {
    const db = database(rows);
    openBackups(copies(), 'ledger').take(db, rowsOf(db), nowMs);
    db.close();
  };

  it('are bounded: the newest, and the last of each day', async () => {
    for (let at = 0; at < 10; at++)
      for (const hour of [1, 2, 3]) take(at * 3 + hour, at * day + hour * 3_600_000);
    const kept = await readdir(copies());
    // The newest four lie on two days, of which each has its last copy among them.
    expect(kept).toHaveLength(BACKUPS_RECENT + BACKUP_DAYS_KEPT - 2);
    expect(openBackups(copies(), 'ledger').sound()[0]?.rows).toBe(30);
  });

  it('never give way to one with fewer rows, whatever the clock says', async () => {
    take(9, 10 * day);
    for (let at = 11; at < 40; at++) take(3, at * day);
    expect(
      openBackups(copies(), 'ledger')
        .sound()
        .map(({ rows }) => rows),
    ).toEqual([9]);
    for (let at = 0; at < 9; at++) take(10 + at, at * day);
    expect(openBackups(copies(), 'ledger').sound()[0]?.rows).toBe(18);
  });
});
