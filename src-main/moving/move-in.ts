import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import * as v from 'valibot';
import { diskError, readError } from '../../src-node/disk-error.ts';
import { createFile, syncTree } from '../../src-node/durable.ts';
import { checkedText } from '../../src-node/durable-json.ts';
import { isThere } from '../../src-node/is-there.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { addressOf } from '../../src-shared/rounds/ss58.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import {
  BESIDE,
  type Renaming,
  readMovedAway,
  renameAll,
  renameAtNextStart,
  takeBack,
} from '../data-folder.ts';
import { type KeptRun, keptRunsFile, keptRunsSchema } from '../runs/kept-runs.ts';
import { parseKeyFile } from '../vault/key-file.ts';
import { openSealed } from '../vault/locked/lock.ts';
import { behindMark, bytesOf, type Cargo, type CargoFile, type KeyPlace, unpackCargo } from './cargo.ts';
import { MOVE_BYTES_MAX } from './limits.ts';

/** Where a cargo goes. */
export interface Destination {
  readonly dataDir: string;
  readonly walletsRoot: string;
}

/** A file that is here already, with something else in it. */
export interface Conflict {
  readonly path: string;
}
/** What becomes of it: it stays and the other is left out, or it is renamed and the other takes its name. */
export type Answer = 'keep' | 'aside';

/** The file as it lies there, bounded. @throws {AppError} MOVE_FILE_UNREADABLE, MOVE_FILE_NEWER, or of the disk */
export async function readMoveFile(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r');
    try {
      if ((await file.stat()).size > 2 * MOVE_BYTES_MAX)
        throw new AppError('MOVE_FILE_UNREADABLE', { path, why: 'its size' });
      return behindMark(path, await file.readFile());
    } finally {
      await file.close();
    }
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT')
      throw new AppError('MOVE_FILE_UNREADABLE', { path, why: 'it is not there' });
    throw readError(thrown, path);
  }
}

/**
 * What is in it, all of it checked; nothing is written.
 * @throws {AppError} KEY_PASSWORD_WRONG, MOVE_FILE_UNREADABLE, TIMEOUT, CANCELLED
 */
export async function openMoveFile(
  path: string,
  sealed: Uint8Array,
  password: Uint8Array,
  signal: AbortSignal,
): Promise<Cargo> {
  const packed = await openSealed(path, sealed, password, signal);
  const cargo = await unpackCargo(path, packed);
  packed.fill(0);
  if (!v.is(keptRunsSchema, cargo.runs))
    throw new AppError('MOVE_FILE_UNREADABLE', { path, why: 'its runs' });
  for (const [hotkey, at] of Object.entries(cargo.keysAt)) checkKey(path, cargo, hotkey, at);
  return cargo;
}

/** The hotkey of a run in a wallet is that of the run. */
function checkKey(path: string, cargo: Cargo, hotkey: string, at: KeyPlace): void {
  if (at.below === 'data') return;
  const file = cargo.wallets.find((one) => one.path === at.path);
  const pair = file && parseKeyFile(at.path, bytesOf(file).toString('utf8'));
  pair?.secretKey.fill(0);
  if (!pair || addressOf(pair.publicKey) !== hotkey)
    throw new AppError('MOVE_FILE_UNREADABLE', { path, why: 'a key of another account' });
}

/**
 * Puts a cargo in place, whole or not at all: it is laid beside what is here, and then takes its names together. What is
 * here is never written over. With the folder locked, and nobody who has its files open.
 * @param ask about each file that is here already and differs
 * @returns hotkeys that stay given up here: this computer gave them up by this very file, or by a later one
 * @throws {AppError} MOVED_AWAY_UNREADABLE; CANCELLED by who is asked, or of the disk
 */
export async function moveIn(
  cargo: Cargo,
  to: Destination,
  ask: (conflict: Conflict) => Promise<Answer>,
): Promise<readonly Ss58[]> {
  const moved = await readMovedAway(to.dataDir);
  await renameAll(to.dataDir, await lay(await stepsOf(cargo, to, ask), to));
  await tidy(to);
  return taken(cargo, to, moved);
}

/**
 * The same for a folder whose host has its files open: all is laid beside them, and the names change when the next start
 * begins. To be followed by the end of the host.
 * @param answer about all files that are here already and differ
 * @throws {AppError} as `moveIn`
 */
export async function moveInAtNextStart(
  cargo: Cargo,
  to: Destination,
  answer: Answer,
): Promise<readonly Ss58[]> {
  const moved = await readMovedAway(to.dataDir);
  const steps = await stepsOf(cargo, to, async () => answer);
  const renamings = await lay(steps, to);
  // Behind what may fail for want of room: until then nothing here has changed, and the hotkeys stay given up.
  const given = await taken(cargo, to, moved);
  await renameAtNextStart(to.dataDir, renamings);
  return given;
}

/** Files that are here already with something else in them, but for the list of runs, which takes both. */
export async function conflictsOf(cargo: Cargo, to: Destination): Promise<readonly string[]> {
  const found: string[] = [];
  await stepsOf(cargo, to, async ({ path }) => {
    found.push(path);
    return 'aside';
  });
  return found;
}

/** One that is read a second time must not undo what it did to this computer: another may work by it. */
async function taken(
  cargo: Cargo,
  to: Destination,
  moved: Awaited<ReturnType<typeof readMovedAway>>,
): Promise<readonly Ss58[]> {
  if (moved && cargo.madeAtMs <= moved.atMs)
    return cargo.hotkeys.filter((hotkey) => moved.hotkeys.includes(hotkey));
  await takeBack(to.dataDir, cargo.hotkeys);
  return [];
}

async function stepsOf(
  cargo: Cargo,
  to: Destination,
  ask: (conflict: Conflict) => Promise<Answer>,
): Promise<readonly Step[]> {
  const walletNames = await freeWalletNames(cargo, to.walletsRoot);
  const inWallets = (path: string): string => {
    const [name = '', ...rest] = path.split('/');
    return join(to.walletsRoot, walletNames.get(name) ?? name, ...rest);
  };
  const wanted = [
    ...cargo.wallets.map((file) => ({ target: inWallets(file.path), bytes: bytesOf(file) })),
    ...cargo.data.map((file) => ({
      target: join(to.dataDir, ...file.path.split('/')),
      bytes: bytesOf(file),
    })),
    await runsFile(cargo, to, inWallets),
  ];
  const ledger = join(to.dataDir, 'ledger.db');
  const witness = join(to.dataDir, 'store.json');
  const steps: Step[] = [];
  let keepsLedger = false;
  // The ledger before the file that says how many rows it has: of one kept, that is kept too.
  for (const one of wanted.toSorted((a, b) => Number(a.target === witness) - Number(b.target === witness))) {
    const isWitness = one.target === witness;
    const step = await stepOf(
      one,
      isWitness && keepsLedger ? async () => 'keep' : ask,
      !isRuns(one.target, to),
    );
    if (one.target === ledger) keepsLedger = step === null;
    if (step) steps.push(step);
  }
  return steps;
}

interface Wanted {
  readonly target: string;
  readonly bytes: Uint8Array;
}
interface Step extends Wanted {
  /** What stands there takes this name first. */
  readonly aside: string;
}

const isRuns = (target: string, { dataDir }: Destination): boolean => target === join(dataDir, 'runs.json');

/** null where nothing is to be done. */
async function stepOf(
  { target, bytes }: Wanted,
  ask: (conflict: Conflict) => Promise<Answer>,
  isAsked: boolean,
): Promise<Step | null> {
  const here = await bytesAt(target);
  if (here?.equals(bytes)) return null;
  if (here !== null && isAsked && (await ask({ path: target })) === 'keep') return null;
  return { target, bytes, aside: await freeAside(target) };
}

async function freeAside(target: string): Promise<string> {
  for (let count = 1; ; count++) {
    const name = `${target}.before-move-${count}`;
    const taken = await Promise.all(['', ...BESIDE].map((end) => isThere(`${name}${end}`)));
    if (!taken.some(Boolean)) return name;
  }
}

/** @returns null where nothing is. @throws {AppError} of the disk: what cannot be read must not be taken for nothing */
async function bytesAt(target: string): Promise<Buffer | null> {
  try {
    return await readFile(target);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw readError(thrown, target);
  }
}

const stagesOf = ({ dataDir, walletsRoot }: Destination) =>
  [join(dataDir, '.moving-in'), join(walletsRoot, '.moving-in')] as const;

async function tidy(to: Destination): Promise<void> {
  for (const stage of stagesOf(to)) await rm(stage, { recursive: true, force: true });
}

/** Each file lies synced in a folder of its own disk before any takes its name. @returns how they take them */
async function lay(steps: readonly Step[], to: Destination): Promise<readonly Renaming[]> {
  const stages = stagesOf(to);
  await tidy(to);
  const renamings: Renaming[] = [];
  try {
    for (const [at, { target, bytes, aside }] of steps.entries()) {
      const stage = target.startsWith(to.dataDir + sep) ? stages[0] : stages[1];
      await mkdir(stage, { recursive: true, mode: 0o700 });
      const from = join(stage, String(at));
      await createFile(from, bytes);
      for (const end of ['', ...BESIDE])
        if (await isThere(`${target}${end}`))
          renamings.push({ from: `${target}${end}`, to: `${aside}${end}` });
      renamings.push({ from, to: target, aside });
    }
    for (const stage of stages) if (await isThere(stage)) await syncTree(stage);
  } catch (thrown) {
    // Keys lie in it, and nobody would come back for them.
    await tidy(to).catch(() => undefined);
    throw diskError(thrown, to.dataDir);
  }
  return renamings;
}

/** A wallet that is here with other keys keeps its name, and the one that comes gets another. */
async function freeWalletNames(cargo: Cargo, root: string): Promise<ReadonlyMap<string, string>> {
  const names = new Set(cargo.wallets.map(({ path }) => path.split('/', 1)[0] ?? ''));
  const found = new Map<string, string>();
  for (const name of names) {
    const files = cargo.wallets.filter(({ path }) => path.startsWith(`${name}/`));
    let free = name;
    const isTaken = () => [...found.values()].some((other) => other.toLowerCase() === free.toLowerCase());
    for (let count = 1; isTaken() || !(await fits(files, root, name, free)); count++)
      free = count === 1 ? `${name}-moved` : `${name}-moved-${count}`;
    found.set(name, free);
  }
  return found;
}

async function fits(files: readonly CargoFile[], root: string, name: string, free: string): Promise<boolean> {
  const same = await Promise.all(
    files.map(async (file) => {
      const here = await bytesAt(join(root, free, file.path.slice(name.length + 1)));
      return here === null || here.equals(bytesOf(file));
    }),
  );
  return same.every(Boolean);
}

/** Runs of both; of one that is in both lists, what this computer says. They are started by who wants them here. */
async function runsFile(
  cargo: Cargo,
  { dataDir }: Destination,
  inWallets: (path: string) => string,
): Promise<Wanted> {
  const here = (await keptRunsFile(dataDir, () => undefined).read()) ?? [];
  const came = (cargo.runs as readonly KeptRun[]).filter(({ id }) => !here.some((one) => one.id === id));
  const placed = came.map((run) => {
    const at = cargo.keysAt[run.id];
    if (!at || run.origin.kind !== 'joined') return run;
    const keysDir = at.below === 'data' ? join(dataDir, ...at.path.split('/')) : inWallets(at.path);
    return { ...run, origin: { ...run.origin, keysDir } };
  });
  return { target: join(dataDir, 'runs.json'), bytes: Buffer.from(checkedText([...here, ...placed])) };
}
