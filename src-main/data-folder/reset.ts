import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';
import { count } from '../../src-shared/contract/fields.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { MOVED_AWAY_FILE } from './moved-away.ts';
import { RENAMINGS_FILE, type Renaming, renameAll } from './renamings.ts';

/** Somebody wants the folder as it was made; the next start, which alone has it open, sees to it. */
const ASKED_FILE = 'reset-asked.json';
const ASIDE = 'before-reset-';
/** Below the data folder: keys of Butterfly's own, and wallets for chains of one's own. A reset leaves every key. */
const KEYS_FOLDER = 'keys';

/** What stays: keys, what was moved aside before, the mark of a hotkey that works elsewhere, and of the lock its files. */
const stays = (name: string): boolean =>
  name === KEYS_FOLDER ||
  name.startsWith(ASIDE) ||
  [MOVED_AWAY_FILE, RENAMINGS_FILE].some((file) => name === file || name === `${file}.copy`) ||
  /^(?:in-use\.|control\.sock|\.probe-)/.test(name);

const askedFile = (path: string, told: (error: CodedError) => void) =>
  durableJson({ path: join(path, ASKED_FILE), schema: v.object({ atMs: count }), told });

/** The next start begins as the first one did. @throws {AppError} of the disk */
export const askReset = (path: string, nowMs: number): Promise<void> =>
  askedFile(path, () => undefined).write({ atMs: nowMs });

/** Does what was asked for before this start. To be called with the folder locked. @throws {AppError} of the disk */
export async function resetIfAsked(path: string, told: (error: CodedError) => void): Promise<void> {
  if (await askedFile(path, told).read()) await resetFolder(path);
}

/**
 * Moves all that a data folder holds aside, into a folder below it, but for keys. Nothing is deleted, and a power cut in
 * between is gone on from. To be called with the folder locked.
 * @returns where it lies now; null: there was nothing
 * @throws {AppError} of the disk
 */
export async function resetFolder(path: string): Promise<string | null> {
  const names = await readdir(path);
  // What asks for it goes last: until then the next start does it again.
  const moved = names.filter((name) => !stays(name)).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  if (moved.length === 0) return null;
  const taken = names.flatMap((name) => (name.startsWith(ASIDE) ? [Number(name.slice(ASIDE.length))] : []));
  const aside = join(path, `${ASIDE}${Math.max(0, ...taken.filter(Number.isSafeInteger)) + 1}`);
  await renameAll(
    path,
    moved.map((name): Renaming => ({ from: join(path, name), to: join(aside, name) })),
  );
  return aside;
}

const rank = (name: string): number => (name === ASKED_FILE ? 1 : 0);
