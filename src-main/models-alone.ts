import { mkdir } from 'node:fs/promises';
import { lockFolder } from './data-folder/lock.ts';
import { storesOfSettings } from './host-models.ts';
import { type Models, type ModelsOptions, openModels } from './models/models.ts';
import { sharePublish } from './publishing/shared-publish.ts';
import { openSettings } from './settings/settings-file.ts';
import { openTokens } from './vault/tokens.ts';

/**
 * The models of a data folder for a terminal, without a host: the folder is held meanwhile, so that no two write there.
 * @throws {AppError} DATA_DIR_IN_USE where Butterfly runs on it, or of the disk
 */
export async function withModelsAlone<T>(
  dataDir: string,
  { log, told, shown, signal }: Pick<ModelsOptions, 'log' | 'told' | 'shown' | 'signal'>,
  use: (models: Models) => Promise<T>,
): Promise<T> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const hold = await lockFolder(dataDir);
  const ground = { dataDir, extraEnv: {}, log };
  const noticed = { notice: told, clearNotice: () => undefined };
  const publish = sharePublish({ ...ground, notices: noticed, onGaveUp: told });
  try {
    const { values } = await openSettings(dataDir);
    const credentialsDir = process.env.CREDENTIALS_DIRECTORY;
    const tokens = openTokens({ dataDir, told, now: Date.now, credentialsDir, signal });
    const models = await openModels({
      ...{ ...ground, publish, told, shown, signal, nowMs: Date.now },
      stores: async () => storesOfSettings(values, tokens, []),
      ownRounds: async () => [],
    });
    try {
      return await use(models);
    } finally {
      await models.stop();
    }
  } finally {
    await publish.stop();
    await hold.release();
  }
}
