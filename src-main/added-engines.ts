import { mkdir } from 'node:fs/promises';
import { diskError } from '../src-node/disk-error.ts';
import type { AddedEngineView } from '../src-shared/contract/page/engines.ts';
import { lockFolder } from './data-folder/lock.ts';
import { type Engines, openEngines } from './engines/engines.ts';

/** The engines of a data folder, one Butterfly at a time: a host and a terminal may both be there. */
export const openAddedEngines = (
  dataDir: string,
  { log, told }: { log(line: string): void; told(engines: readonly AddedEngineView[]): void },
): Promise<Engines> =>
  openEngines({
    ...{ dataDir, log, told },
    async lock(folder) {
      await mkdir(folder, { recursive: true, mode: 0o700 }).catch((thrown: unknown) => {
        throw diskError(thrown, folder);
      });
      return lockFolder(folder);
    },
  });
