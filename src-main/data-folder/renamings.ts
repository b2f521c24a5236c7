import { mkdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { renamePatiently, syncFolder } from '../../src-node/durable.ts';
import { type DurableJson, durableJson } from '../../src-node/durable-json.ts';
import { isThere } from '../../src-node/is-there.ts';
import { path } from '../../src-shared/contract/fields.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import { RENAMINGS_MAX } from './limits.ts';

/** One name for another, both whole paths. Nothing may stand at `to` when it is planned. */
export interface Renaming {
  readonly from: string;
  readonly to: string;
  /** Where goes what came to stand at `to` after it was planned: a host writes until it has ended. Nothing stands there either. */
  readonly aside?: string | undefined;
}

/**
 * What belongs to a file and goes with it: a second copy would bring it back, and what a database had still in its
 * journal would be written into the other one.
 */
export const BESIDE = ['.copy', '-wal', '-shm'] as const;

/** What is under way. Until it is finished, nothing else of the folder may be read. */
export const RENAMINGS_FILE = 'renamings.json';

const schema = v.pipe(
  v.array(v.strictObject({ from: path, to: path, aside: v.optional(path) })),
  v.maxLength(RENAMINGS_MAX),
);

const fileOf = (dataDir: string, told: (error: CodedError) => void): DurableJson<readonly Renaming[]> =>
  durableJson({
    path: join(dataDir, RENAMINGS_FILE),
    schema,
    told,
    secondCopy: 'kept',
    // Half of a move must not be taken for a whole folder.
    refuse: () => new AppError('RENAMINGS_DAMAGED', { path: join(dataDir, RENAMINGS_FILE) }),
  });

/**
 * Renames all of them in order, whenever the power goes: they are written down before the first, and a start that finds
 * them goes on. To be called with the folder locked.
 * @throws {AppError} of the disk: the next start goes on
 */
export async function renameAll(dataDir: string, renamings: readonly Renaming[]): Promise<void> {
  await fileOf(dataDir, () => undefined).write(renamings);
  await finishRenamings(dataDir, () => undefined);
}

/** Has the next start rename all of them before it reads anything else. @throws {AppError} of the disk */
export const renameAtNextStart = (dataDir: string, renamings: readonly Renaming[]): Promise<void> =>
  fileOf(dataDir, () => undefined).write(renamings);

/** Goes on with what a start before this one began. @throws {AppError} RENAMINGS_DAMAGED, or of the disk */
export async function finishRenamings(dataDir: string, told: (error: CodedError) => void): Promise<void> {
  const renamings = await fileOf(dataDir, told).read();
  if (!renamings) return;
  for (const one of renamings) await renameOnce(one);
  // Where it was laid in the meantime, once nothing is left there.
  for (const folder of new Set(renamings.map(({ from }) => dirname(from))))
    await rmdir(folder).catch(() => undefined);
  // The copy last: what is found alone comes back from it, and doing all of it again changes nothing.
  for (const name of [RENAMINGS_FILE, `${RENAMINGS_FILE}.copy`])
    await rm(join(dataDir, name), { force: true });
  await syncFolder(dataDir);
}

async function renameOnce({ from, to, aside }: Renaming): Promise<void> {
  if (!(await isThere(from))) return;
  if (aside !== undefined) for (const end of ['', ...BESIDE]) await makeRoom(`${to}${end}`, `${aside}${end}`);
  // A name that is taken was taken by this very renaming, since none was when it was planned.
  if (await isThere(to)) return;
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await renamePatiently(from, to);
  for (const folder of new Set([dirname(to), dirname(from)])) await syncFolder(folder);
}

async function makeRoom(path: string, aside: string): Promise<void> {
  if ((await isThere(path)) && !(await isThere(aside))) await renamePatiently(path, aside);
}
