import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { diskError } from '../../../src-node/disk-error.ts';
import { publish } from '../../../src-node/durable.ts';
import type { ParamsOf, ResultOf } from '../../../src-shared/contract/child.ts';
import type { ModelContract } from '../../../src-shared/contract/model.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import {
  bytesOfFiles,
  LINEAGE_FILE,
  PROFILE_FILE,
  type StoredFile,
} from '../../../src-shared/published/manifest.ts';
import { stateStems } from '../../../src-shared/published/weight-parts.ts';
import { FILE_SLICE_BYTES } from '../limits.ts';
import { Disk } from '../state/disk.ts';
import { manifestIn, type Watched } from './check-state.ts';
import { counted, demandFree } from './model-folder.ts';
import { summing } from './state-folder.ts';

/** What only a run has a use for. */
const isOfRun = ({ name }: StoredFile): boolean =>
  name.startsWith(stateStems.momentum) || name === LINEAGE_FILE || name === PROFILE_FILE;

/**
 * The downloaded model as a folder for other programs, whole or not at all. Each file is summed up on its way: what is
 * damaged goes nowhere.
 * @throws {AppError} MODEL_FOLDER_TAKEN, MODEL_FILE_MISSING, STORE_STATE_DAMAGED, or of the disk
 */
export async function exportDownload(
  { folder, into }: ParamsOf<ModelContract, 'exportDownload'>,
  { signal, seen }: Watched,
): Promise<ResultOf<ModelContract, 'exportDownload'>> {
  const { files, tag } = await manifestIn(folder);
  const wanted = files.filter((file) => !isOfRun(file));
  const sizeBytes = bytesOfFiles(wanted);
  await demandFree(into);
  const draft = `${into}.${randomBytes(6).toString('hex')}.new`;
  const disk = new Disk();
  let done = 0;
  try {
    await mkdir(draft, { recursive: true });
    for (const { name, sha256 } of wanted) {
      const stream = createReadStream(join(folder, name), { highWaterMark: FILE_SLICE_BYTES });
      const summed = summing(stream, () => undefined);
      const parts = counted(summed.parts, (bytes) => {
        done += bytes;
        seen(Math.min(done, sizeBytes), sizeBytes);
      });
      await disk.write(join(draft, name), parts, { seal: false, signal });
      if (summed.result().sha256 !== sha256)
        throw new AppError('STORE_STATE_DAMAGED', { name, tag, what: 'its digest differs' });
    }
    // Windows renames over nothing, not even over an empty folder.
    await rmdir(into).catch(() => {});
    await publish(draft, into);
    return { sizeBytes };
  } catch (thrown) {
    const { code, path } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT' && path?.startsWith(folder))
      throw new AppError('MODEL_FILE_MISSING', { path: folder, name: basename(path) });
    throw diskError(thrown, into);
  } finally {
    await rm(draft, { recursive: true, force: true }).catch(() => {});
  }
}
