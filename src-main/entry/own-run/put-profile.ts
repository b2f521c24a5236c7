import { within } from '../../../src-node/waits.ts';
import { AppError, describeError } from '../../../src-shared/errors/app-error.ts';
import type { RunOptions } from '../../commands/run.ts';
import { defaultDataDir } from '../../data-folder.ts';
import { PROFILE_PUT_LIMIT_MS } from '../../publishing/limits.ts';
import { ownPlace } from '../../publishing/own-place.ts';
import { openTokens } from '../../vault/tokens.ts';
import { withPublishProcess } from '../publish-process.ts';
import { printError } from '../terminal.ts';
import type { PutProfile } from './publish.ts';

/**
 * Puts profiles by a process of its own, which alone is given the key. Ctrl+C ends it: the store has the profile then, or
 * has not, and the same command goes on from there.
 * @throws {AppError} OPTION_WITHOUT_EFFECT
 */
export const putAtTerminal =
  ({ dataDir, token }: Pick<RunOptions, 'dataDir' | 'token'>): PutProfile =>
  async (store, profile, signal) => {
    if (token !== null && store.kind === 'folder')
      throw new AppError('OPTION_WITHOUT_EFFECT', { option: '--token', command: 'run publish' });
    const tokens = openTokens({
      ...{ dataDir: dataDir ?? defaultDataDir(), credentialsDir: process.env.CREDENTIALS_DIRECTORY },
      ...{ now: Date.now, signal },
      told: (error) => printError(describeError(error).sentence),
    });
    const { place, secret } = await ownPlace(store, token, tokens);
    const asked = { job: 'profile', store: place, secret, ...profile };
    await withPublishProcess(signal, (client) =>
      within(
        client.call('store.putProfile', asked, signal),
        'publishing the profile',
        PROFILE_PUT_LIMIT_MS,
        signal,
      ),
    );
  };
