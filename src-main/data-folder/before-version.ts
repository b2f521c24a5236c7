import { copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder, syncTree } from '../../src-node/durable.ts';
import { BACKED_UP_FILE_BYTES_MAX, BACKUPS_BEFORE_KEPT } from './limits.ts';

/** Beside the copies of the ledger: `before-VERSION`, and `before-VERSION-2` where that name is taken. */
const FOLDER = 'backups';
const NAME = /^before-[\w.+-]+$/;
/** Says in words how to go back, for somebody who has nothing but a file browser. */
export const GO_BACK_FILE = 'GO-BACK.txt';

/** Small files, and the ledger with what its journal holds. Keys are none of them: no version rewrites a key. */
const COPIED = /^(?:[\w-]+\.json(?:\.copy)?|ledger\.db(?:-wal)?)$/;
/** Of this moment, or of what happened outside: who holds the folder, which pages are open, what works elsewhere. */
const PASSING = /^(?:in-use|page|renamings|moved-away)\.json/;

/** Which Butterfly used the folder before, and which is about to. */
export interface VersionChange {
  /** null: none that wrote its number down. */
  readonly from: string | null;
  readonly to: string;
}

/**
 * Copies what another version may write otherwise, before it does: there whole or not at all. The folder is locked, so
 * nobody writes meanwhile. Of such copies the newest are kept.
 * @returns the copy's folder, or null where there is nothing to copy
 * @throws what the disk says: without a copy nothing may be changed
 */
export async function backUpBefore(path: string, change: VersionChange): Promise<string | null> {
  const names = await copiedNames(path);
  if (names.length === 0) return null;
  const folder = join(path, FOLDER);
  const draft = join(folder, `before-${fileName(change.to)}.new`);
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true, mode: 0o700 });
  for (const name of names) await copyFile(join(path, name), join(draft, name));
  await writeFile(join(draft, GO_BACK_FILE), goBackText(path, change), { mode: 0o600 });
  await syncTree(draft);
  const target = await freeName(folder, `before-${fileName(change.to)}`);
  await rename(draft, target);
  await syncFolder(folder);
  await dropOlder(folder, target);
  return target;
}

/** The newest copy of before another version, for whoever has to go back; null where there is none. */
export async function newestBefore(path: string): Promise<string | null> {
  return (await backupsIn(join(path, FOLDER)))[0] ?? null;
}

async function copiedNames(path: string): Promise<readonly string[]> {
  const wanted = (await readdir(path)).filter((name) => COPIED.test(name) && !PASSING.test(name));
  const found = await Promise.all(
    wanted.map(async (name) => {
      const { size } = await stat(join(path, name));
      return name.startsWith('ledger.db') || size <= BACKED_UP_FILE_BYTES_MAX ? [name] : [];
    }),
  );
  return found.flat().sort();
}

async function freeName(folder: string, name: string): Promise<string> {
  const taken = new Set(await readdir(folder));
  for (let count = 1; ; count++) {
    const free = count === 1 ? name : `${name}-${count}`;
    if (!taken.has(free)) return join(folder, free);
  }
}

async function dropOlder(folder: string, newest: string): Promise<void> {
  const older = (await backupsIn(folder)).filter((backup) => backup !== newest);
  for (const backup of older.slice(BACKUPS_BEFORE_KEPT - 1))
    await rm(backup, { recursive: true, force: true });
}

/** Newest first. */
async function backupsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  const backups = await Promise.all(
    names
      .filter((name) => NAME.test(name) && !name.endsWith('.new'))
      .map(async (name) => {
        const path = join(folder, name);
        return { path, atMs: (await stat(path)).mtimeMs };
      }),
  );
  return backups.sort((a, b) => b.atMs - a.atMs).map(({ path }) => path);
}

const fileName = (version: string): string => version.replace(/[^\w.+-]/g, '_');

const goBackText = (path: string, { from, to }: VersionChange): string =>
  [
    `Butterfly ${to} made this copy before it used the data folder`,
    path,
    `for the first time. It was used by ${from ? `Butterfly ${from}` : 'an older Butterfly'} until then.`,
    '',
    'To go back:',
    '  1. Stop Butterfly.',
    `  2. Install ${from ? `Butterfly ${from}` : 'the older Butterfly'} again.`,
    '  3. Copy the files of this folder over those of the same name in the data folder, all but this text.',
    '     If a file ledger.db-wal lies in the data folder and none lies here, remove that one.',
    '  4. Start it.',
    '',
    'Wallets and keys are no part of this copy: no version changes them, so they are where they were. What was',
    'earned since is read from the chain again. Rounds and model states stay in the folder runs.',
    '',
  ].join('\n');
