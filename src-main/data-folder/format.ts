import { access } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import { moveRunFolders } from './run-places.ts';

/** What leads from one format of a data folder to the next. Published steps are never changed, only followed. */
export interface FormatStep {
  /** Whether a practice of the earlier format can be gone on with. */
  readonly practice: 'goes-on' | 'starts-over';
  migrate?(path: string): Promise<void>;
}

/**
 * The steps so far; their number is this version's format. Folders of before the number are format 0. From 0 to 1:
 * small files carry checksums and second copies and are read as they were before; the practice chain keeps its journal
 * twice and its pace out of the genesis, and the profile names the usual pace: an older practice is another chain.
 * From 1 to 2: a joined run's folder is that of its profile and chain, no longer of its hotkey alone (decision 0013).
 */
export const formatSteps: readonly FormatStep[] = [
  { practice: 'starts-over' },
  { practice: 'goes-on', migrate: moveRunFolders },
];

const schema = v.object({ format: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) });
const fileOf = (path: string, told: (error: CodedError) => void) =>
  durableJson({ path: join(path, 'format.json'), schema, told, secondCopy: 'kept' });

/**
 * Whether this version can use the folder; looks only.
 * @throws {AppError} DATA_DIR_NEWER, PRACTICE_STARTS_OVER
 */
export async function checkFormat(path: string, steps = formatSteps): Promise<void> {
  const found = await fileOf(path, () => undefined).peek();
  if (found && found.format > steps.length)
    throw new AppError('DATA_DIR_NEWER', { path, found: found.format, known: steps.length });
  const ahead = steps.slice(found?.format ?? 0);
  if (ahead.some(({ practice }) => practice === 'starts-over') && (await isThere(join(path, 'practice'))))
    throw new AppError('PRACTICE_STARTS_OVER', { path });
}

/** Brings a locked folder to this version's format. @throws what `checkFormat` does */
export async function migrateFormat(
  path: string,
  told: (error: CodedError) => void,
  steps = formatSteps,
): Promise<void> {
  const file = fileOf(path, told);
  // It may have changed before the lock was ours.
  await checkFormat(path, steps);
  const found = (await file.read())?.format ?? 0;
  for (let format = found; format < steps.length; format++) {
    await steps[format]?.migrate?.(path);
    await file.write({ format: format + 1 });
  }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
