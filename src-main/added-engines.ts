import { mkdir } from 'node:fs/promises';
import { diskError } from '../src-node/disk-error.ts';
import type { View } from '../src-shared/contract/page/sections.ts';
import { AppError } from '../src-shared/errors/app-error.ts';
import { lockFolder } from './data-folder/lock.ts';
import { type Engines, type EnginesOptions, openEngines } from './engines/engines.ts';

/** The engines of a data folder, one Butterfly at a time: a host and a terminal may both be there. */
export const openAddedEngines = (
  dataDir: string,
  use: Pick<EnginesOptions, 'log' | 'told' | 'assertUnused'>,
): Promise<Engines> =>
  openEngines({
    ...{ dataDir, ...use },
    async lock(folder) {
      await mkdir(folder, { recursive: true, mode: 0o700 }).catch((thrown: unknown) => {
        throw diskError(thrown, folder);
      });
      return lockFolder(folder);
    },
  });

/**
 * What the view of a host says of who computes with TensorFlow.
 * @throws {AppError} ENGINE_IN_USE while a run trains on it, or something is starting that may
 */
export function assertTensorFlowUnused({ settings, runs, benchmark }: View): void {
  const isChosen = settings['training.engine'] === 'tensorflow';
  const uses = Object.values(runs).some(({ training }) =>
    training ? training.computes === 'tensorflow' : isChosen,
  );
  if (uses || (isChosen && benchmark.running !== null))
    throw new AppError('ENGINE_IN_USE', { engine: 'TensorFlow' });
}

/**
 * For a terminal, which does not see what a Butterfly that runs computes with.
 * @throws {AppError} DATA_DIR_IN_USE
 */
export async function assertNoneRuns(dataDir: string): Promise<void> {
  const hold = await lockFolder(dataDir);
  await hold.release();
}
