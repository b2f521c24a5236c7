import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import Sqlite from 'better-sqlite3';
import { parseJson } from '../../src-node/durable-json.ts';
import { readTextBounded } from '../../src-node/read-bounded.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { OWN_KEYS_FOLDER } from '../join/keys.ts';
import { type KeptRun, keptRunsFile } from '../runs/kept-runs.ts';
import { findHotkeyFile } from '../vault/find-hotkey.ts';
import { HOTKEY } from '../vault/key-names.ts';
import { readKeyBytes } from '../vault/secret-file.ts';
import { COLDKEY_FILE, COLDKEY_PUBLIC_FILE, HOTKEYS_FOLDER } from '../vault/wallets/layout.ts';
import { type Cargo, type CargoFile, cargoFile, type KeyPlace } from './cargo.ts';
import { MOVE_BYTES_MAX } from './limits.ts';

/** Of the data folder: what its user chose, wrote down and earned. The list of runs goes apart. */
const DATA_FILES = [
  'contacts.json',
  'account.json',
  'subnet-marks.json',
  'endpoints-since.json',
  'store.json',
  'ledger.db',
  join('terminal', 'ledger.db'),
];
/** Of a run: where it had its place, what it staked already, which weights it has not told yet. Its peer key stays. */
const RUN_FILES = ['registration.json', 'stake.json', join('scoring', 'hidden-weights.json')];
/** They name folders and cards of this computer. */
const OF_THIS_COMPUTER = [
  'wallet.folder',
  'join.keysFolder',
  'training.device',
  'training.threads',
  'window.port',
];

export interface Gathered extends Pick<Cargo, 'data' | 'wallets' | 'runs' | 'keysAt'> {
  readonly hotkeys: readonly Ss58[];
}

/**
 * Everything of a locked data folder that another computer needs, in memory.
 * @param withColdkeys whether the coldkeys beside those hotkeys go along, locked as they lie there
 * @throws {AppError} MOVE_NOTHING, MOVE_TOO_LARGE, KEYS_FOLDER_WITHOUT_KEYS, or of the disk
 */
export async function gather(dataDir: string, withColdkeys: boolean): Promise<Gathered> {
  const runs = (await keptRunsFile(dataDir, () => undefined).read()) ?? [];
  const joined = runs.filter(({ origin }) => origin.kind === 'joined');
  for (const name of ['ledger.db', join('terminal', 'ledger.db')]) await settleLedger(join(dataDir, name));
  const data = [
    ...(await settingsFile(dataDir)),
    ...(await filesAt(dataDir, DATA_FILES)),
    ...(await filesBelow(dataDir, join(dataDir, OWN_KEYS_FOLDER))),
    ...(await runFiles(dataDir, joined)),
  ];
  if (data.length === 0) throw new AppError('MOVE_NOTHING', { path: dataDir });
  const keysAt: Record<string, KeyPlace> = {};
  const wallets = new Map<string, CargoFile>();
  for (const run of joined) keysAt[run.id] = await keysOf(run, { dataDir, withColdkeys, wallets });
  return { data, wallets: [...wallets.values()], runs: joined, keysAt, hotkeys: joined.map(({ id }) => id) };
}

/** The ledger in one file: nobody else has the folder. */
async function settleLedger(path: string): Promise<void> {
  if (!(await isThere(path))) return;
  const db = new Sqlite(path);
  try {
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
}

async function settingsFile(dataDir: string): Promise<readonly CargoFile[]> {
  const text = await readTextBounded(join(dataDir, 'settings.json'), 65_536);
  const file = typeof text === 'string' ? (parseJson(text) as { values?: object } | undefined) : undefined;
  if (!file?.values) return [];
  const values = Object.entries(file.values).filter(([id]) => !OF_THIS_COMPUTER.includes(id));
  const moved = JSON.stringify({ ...file, values: Object.fromEntries(values) }, null, 2);
  return [cargoFile('settings.json', Buffer.from(`${moved}\n`))];
}

async function filesAt(folder: string, names: readonly string[]): Promise<readonly CargoFile[]> {
  const found = await Promise.all(
    names.map(async (name) => ((await isThere(join(folder, name))) ? [await fileAt(folder, name)] : [])),
  );
  return found.flat();
}

async function fileAt(folder: string, name: string): Promise<CargoFile> {
  const path = join(folder, name);
  // Looked at before it is read.
  if ((await stat(path)).size > MOVE_BYTES_MAX)
    throw new AppError('MOVE_TOO_LARGE', { mib: MOVE_BYTES_MAX / 2 ** 20 });
  return cargoFile(name.split(sep).join('/'), await readFile(path));
}

async function filesBelow(dataDir: string, folder: string): Promise<readonly CargoFile[]> {
  if (!(await isThere(folder))) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => relative(dataDir, join(entry.parentPath, entry.name)));
  return filesAt(dataDir, names);
}

async function runFiles(dataDir: string, runs: readonly KeptRun[]): Promise<readonly CargoFile[]> {
  const places = await readdir(join(dataDir, 'runs')).catch(() => []);
  const names = places.flatMap((place) =>
    runs.flatMap(({ id }) => RUN_FILES.map((name) => join('runs', place, id, name))),
  );
  return filesAt(dataDir, names);
}

/** Where the keys of a run lie, by name; those of a wallet outside the data folder are taken along. */
async function keysOf(
  { origin }: KeptRun,
  {
    dataDir,
    withColdkeys,
    wallets,
  }: { dataDir: string; withColdkeys: boolean; wallets: Map<string, CargoFile> },
): Promise<KeyPlace> {
  const place = origin.kind === 'joined' ? origin.keysDir : '';
  const below = relative(dataDir, place);
  if (!below.startsWith('..') && below !== place) return { below: 'data', path: below.split(sep).join('/') };
  const isFile = (await stat(place).catch(() => null))?.isFile() ?? false;
  const folder = isFile ? dirname(dirname(place)) : place;
  const hotkey = isFile ? place : await findHotkeyFile(folder, HOTKEY);
  if (hotkey === null) throw new AppError('KEYS_FOLDER_WITHOUT_KEYS', { path: place });
  const name = basename(folder);
  const path = `${name}/${HOTKEYS_FOLDER}/${basename(hotkey)}`;
  const taken = [
    { from: hotkey, to: path },
    { from: join(folder, COLDKEY_PUBLIC_FILE), to: `${name}/${COLDKEY_PUBLIC_FILE}` },
    ...(withColdkeys ? [{ from: join(folder, COLDKEY_FILE), to: `${name}/${COLDKEY_FILE}` }] : []),
  ];
  for (const { from, to } of taken) {
    const bytes = await readKeyBytes(from);
    if (bytes) wallets.set(to, cargoFile(to, bytes));
  }
  return { below: 'wallets', path };
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
