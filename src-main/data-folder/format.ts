import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';
import { isThere } from '../../src-node/is-there.ts';
import { shortText } from '../../src-shared/contract/fields.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import { backUpBefore, newestBefore } from './before-version.ts';
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

const schema = v.object({
  format: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  /** Which Butterfly used the folder last; one of before this was noted left nothing. */
  version: v.optional(shortText),
  /** The version for whose first start a copy was made; gone once that start is through. */
  backedUpFor: v.optional(shortText),
});
const fileOf = (path: string, told: (error: CodedError) => void) =>
  durableJson({ path: join(path, 'format.json'), schema, told, secondCopy: 'kept' });

/**
 * Whether this version can use the folder; looks only.
 * @throws {AppError} DATA_DIR_NEWER, DATA_DIR_NEWER_KEPT, PRACTICE_STARTS_OVER
 */
export async function checkFormat(path: string, steps = formatSteps): Promise<void> {
  const found = await fileOf(path, () => undefined).peek();
  if (found && found.format > steps.length)
    throw await newer(path, { found: found.format, known: steps.length });
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
  const found = await file.read();
  for (let format = found?.format ?? 0; format < steps.length; format++) {
    await steps[format]?.migrate?.(path);
    await file.write({ ...found, format: format + 1 });
  }
}

/**
 * The same for the first start of another version, newer or older: what it may write otherwise is copied before.
 * @throws what `checkFormat` and `backUpBefore` do
 */
export async function enterVersion(
  path: string,
  version: string,
  told: (error: CodedError) => void,
  steps = formatSteps,
): Promise<void> {
  const file = fileOf(path, told);
  await checkFormat(path, steps);
  const found = await file.read();
  if (found?.version !== version && found?.backedUpFor !== version) {
    const backup = await backUpBefore(path, { from: found?.version ?? null, to: version });
    // A start that is interrupted from here on must not take its own half for what was before.
    if (backup) await file.write({ format: 0, ...found, backedUpFor: version });
  }
  await migrateFormat(path, told, steps);
  if (found?.version !== version) await file.write({ format: steps.length, version });
}

/** With the way back, where there is one. */
async function newer(
  path: string,
  params: { readonly found: number; readonly known: number },
): Promise<AppError> {
  const backup = await newestBefore(path);
  return backup
    ? new AppError('DATA_DIR_NEWER_KEPT', { path, ...params, backup })
    : new AppError('DATA_DIR_NEWER', { path, ...params });
}
