import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { openAddedEngines } from '../../../../../src-main/added-engines.ts';
import { engineFolder } from '../../../../../src-main/engines/place.ts';

/** Where `test:long` adds the engine as a user would, for all that come after; outside the repository. */
const dataDir = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'butterfly-bench');

/** Folder of the real TensorFlow. `BUTTERFLY_TENSORFLOW` names another one. */
export const tensorFlowFolder = (): string =>
  process.env.BUTTERFLY_TENSORFLOW ?? engineFolder(dataDir, 'tensorflow');

/** Why the real library cannot be tried; null where it can. */
export function lacksTensorFlow(): string | null {
  const folder = tensorFlowFolder();
  if (existsSync(join(folder, 'node_modules', '@tensorflow', 'tfjs-node-gpu'))) return null;
  return `there is no TensorFlow at ${folder}; npm run test:long adds it`;
}

/** Adds the real engine, whatever is there. @throws {AppError} where its parts cannot be had */
export async function addForReal(): Promise<void> {
  const engines = await openAddedEngines(dataDir, {
    log: (line) => console.log(line),
    told: () => undefined,
    assertUnused: async () => undefined,
  });
  await engines.add('tensorflow');
}
