import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import Sqlite from 'better-sqlite3';
import { parseJson } from '../../src-node/durable-json.ts';
import { isThere } from '../../src-node/is-there.ts';
import { readTextBounded } from '../../src-node/read-bounded.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { addressOf } from '../../src-shared/rounds/ss58.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { OWN_KEYS_FOLDER } from '../join/keys.ts';
import { type KeptRun, keptRunsFile } from '../runs/kept-runs.ts';
import { findHotkeyFile } from '../vault/find-hotkey.ts';
import { parseKeyFile } from '../vault/key-file.ts';
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
];
const LEDGERS = ['ledger.db', join('terminal', 'ledger.db')];
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

export interface Gathered extends Pick<Cargo, 'data' | 'wallets' | 'keysAt'> {
  readonly hotkeys: readonly Ss58[];
  readonly runs: readonly KeptRun[];
}

/**
 * Everything of a data folder that another computer needs, in memory. Its runs are ended; what else a host still writes
 * there is in it as it stands at that moment.
 * @param withColdkeys whether the coldkeys beside those hotkeys go along, locked as they lie there
 * @throws {AppError} MOVE_NOTHING, MOVE_TOO_LARGE, KEYS_FOLDER_WITHOUT_KEYS, of a key file, or of the disk
 */
export async function gather(dataDir: string, withColdkeys: boolean): Promise<Gathered> {
  const runs = (await keptRunsFile(dataDir, () => undefined).read()) ?? [];
  // A practice stays where it is, and so does what works beside it.
  const joined = runs.filter(({ origin }) => origin.kind === 'joined' && !origin.beside);
  const data = [
    ...(await settingsFile(dataDir)),
    ...(await filesAt(dataDir, DATA_FILES)),
    // After `store.json`, which says how many rows there are at least.
    ...(await ledgerFiles(dataDir)),
    ...(await filesBelow(dataDir, join(dataDir, OWN_KEYS_FOLDER))),
    ...(await runFiles(dataDir, joined)),
  ];
  if (data.length === 0) throw new AppError('MOVE_NOTHING', { path: dataDir });
  const keysAt: Record<string, KeyPlace> = {};
  const taken: Taken = { withColdkeys, files: new Map(), names: new Map() };
  for (const run of joined) keysAt[run.id] = await keysOf(run, dataDir, taken);
  const wallets = [...taken.files.values()];
  return { data, wallets, runs: joined, keysAt, hotkeys: joined.map(({ id }) => id) };
}

/** Each in one file, as of one moment: whatever is in its journal beside it, and whoever writes it. */
async function ledgerFiles(dataDir: string): Promise<readonly CargoFile[]> {
  const found: CargoFile[] = [];
  for (const name of LEDGERS) {
    const path = join(dataDir, name);
    if (!(await isThere(path))) continue;
    await demandSmall(path);
    const db = new Sqlite(path);
    try {
      found.push(cargoFile(name.split(sep).join('/'), db.serialize()));
    } finally {
      db.close();
    }
  }
  return found;
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
  await demandSmall(path);
  return cargoFile(name.split(sep).join('/'), await readFile(path));
}

/** Looked at before it is read. @throws {AppError} MOVE_TOO_LARGE */
async function demandSmall(path: string): Promise<void> {
  if ((await stat(path)).size > MOVE_BYTES_MAX)
    throw new AppError('MOVE_TOO_LARGE', { mib: MOVE_BYTES_MAX / 2 ** 20 });
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

/** Wallets that go along, so far. */
interface Taken {
  readonly withColdkeys: boolean;
  readonly files: Map<string, CargoFile>;
  /** Under which name each folder of a wallet goes: two folders may have one name. */
  readonly names: Map<string, string>;
}

/** Where the keys of a run lie, by name; those of a wallet outside of our own keys are taken along. */
async function keysOf({ id, origin }: KeptRun, dataDir: string, taken: Taken): Promise<KeyPlace> {
  const place = origin.kind === 'joined' ? origin.keysDir : '';
  const below = relative(dataDir, place).split(sep);
  if (below[0] === OWN_KEYS_FOLDER) return { below: 'data', path: below.join('/') };
  const isFile = (await stat(place).catch(() => null))?.isFile() ?? false;
  const folder = isFile ? dirname(dirname(place)) : place;
  const hotkey = isFile ? place : await findHotkeyFile(folder, HOTKEY);
  const bytes = hotkey && (await readKeyBytes(hotkey));
  if (!hotkey || !bytes) throw new AppError('KEYS_FOLDER_WITHOUT_KEYS', { path: place });
  demandAccount(hotkey, bytes, id);
  const name = nameFor(folder, taken.names);
  const path = `${name}/${HOTKEYS_FOLDER}/${basename(hotkey)}`;
  taken.files.set(path, cargoFile(path, bytes));
  for (const file of [COLDKEY_PUBLIC_FILE, ...(taken.withColdkeys ? [COLDKEY_FILE] : [])]) {
    const found = await readKeyBytes(join(folder, file));
    if (found) taken.files.set(`${name}/${file}`, cargoFile(`${name}/${file}`, found));
  }
  return { below: 'wallets', path };
}

/** Another key under that name would be refused there, when this computer has given the run's up already. */
function demandAccount(path: string, bytes: Buffer, hotkey: Ss58): void {
  const { publicKey, secretKey } = parseKeyFile(path, bytes.toString('utf8'));
  secretKey.fill(0);
  if (addressOf(publicKey) !== hotkey) throw new AppError('KEYS_FOLDER_WITHOUT_KEYS', { path });
}

/** Its own, or one with a number: systems differ in whether letters' case tells names apart. */
function nameFor(folder: string, names: Map<string, string>): string {
  const known = names.get(folder);
  if (known !== undefined) return known;
  const used = new Set([...names.values()].map((name) => name.toLowerCase()));
  let name = basename(folder);
  for (let count = 2; used.has(name.toLowerCase()); count++) name = `${basename(folder)}-${count}`;
  names.set(folder, name);
  return name;
}
