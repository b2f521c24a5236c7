import { diskError } from '../src-node/disk-error.ts';
import type { CodedError } from '../src-shared/errors/app-error.ts';
import { checkFormat, enterVersion, migrateFormat } from './data-folder/format.ts';
import { lockFolder } from './data-folder/lock.ts';
import { checkLength, makeFolder, placeOf } from './data-folder/place.ts';
import { finishRenamings } from './data-folder/renamings.ts';
import { resetIfAsked } from './data-folder/reset.ts';
import { checkRoom } from './data-folder/room.ts';
import { APP_VERSION } from './version.ts';

export { demandHere, markMovedAway, readMovedAway, takeBack } from './data-folder/moved-away.ts';
export { defaultDataDir, placeOf } from './data-folder/place.ts';
export {
  BESIDE,
  finishRenamings,
  type Renaming,
  renameAll,
  renameAtNextStart,
} from './data-folder/renamings.ts';
export { askReset, resetFolder } from './data-folder/reset.ts';
export { placesOf, runFolder } from './data-folder/run-places.ts';

/** A data folder that is ours alone until released. */
export interface DataFolder {
  readonly path: string;
  /** What was found wrong while opening, for the user. */
  readonly notices: readonly CodedError[];
  release(): Promise<void>;
}

/**
 * Makes the folder where it is missing, looks whether this version may use it, proves that it takes files, and locks it.
 * @param dataDir as a person wrote it: `~` and relative paths are understood
 * @param options.of a companion's folder lies in one that was measured for all of them
 * @throws {AppError} DATA_DIR_INVALID, DATA_DIR_NEWER, DATA_DIR_NEWER_KEPT, PRACTICE_STARTS_OVER, DATA_DIR_IN_USE,
 * RENAMINGS_DAMAGED, or of the disk
 */
export async function openDataFolder(
  dataDir: string,
  { of = 'host' }: { readonly of?: 'host' | 'companion' } = {},
): Promise<DataFolder> {
  const path = placeOf(dataDir);
  const notices: CodedError[] = [];
  try {
    if (of === 'host') checkLength(path);
    await makeFolder(path);
    await checkFormat(path);
    if (of === 'host') await checkRoom(path);
    const lock = await lockFolder(path);
    try {
      const told = (notice: CodedError) => void notices.push(notice);
      await finishRenamings(path, told);
      if (of === 'host') await resetIfAsked(path, told);
      if (of === 'host') await enterVersion(path, APP_VERSION, told);
      else await migrateFormat(path, told);
    } catch (thrown) {
      await lock.release();
      throw thrown;
    }
    return { path, notices, release: () => lock.release() };
  } catch (thrown) {
    throw diskError(thrown, path);
  }
}
