import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Notices, noticeOfChild } from '../../src-node/notices.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import { type PublishContract, publishContract } from '../../src-shared/contract/publish.ts';
import type { AppError } from '../../src-shared/errors/app-error.ts';
import { entryPath } from '../entry-path.ts';
import type { ExtraEnv } from '../supervisor/extra-env.ts';
import { type SupervisedChild, superviseChild } from '../supervisor/supervise.ts';

/** Folder of what is being published. */
export const publishDir = (dataDir: string): string => join(dataDir, 'publish');

export interface PublishOptions {
  readonly dataDir: string;
  readonly extraEnv: ExtraEnv;
  readonly notices: Notices;
  log(line: string): void;
  /** Each time it is ready, the first time included: a new life knows no pace and has no job. */
  onReady?(client: ChildClient<PublishContract>): void;
  onGaveUp(error: AppError): void;
}

/** Starts `publish`, of which a host has one at most. Whoever starts it stops it. */
export function startPublish(options: PublishOptions): SupervisedChild<PublishContract> {
  const { dataDir, extraEnv, notices, log, onReady, onGaveUp } = options;
  const folder = publishDir(dataDir);
  return superviseChild({
    contract: publishContract,
    name: 'publish',
    entry: entryPath('publish'),
    extraEnv,
    async init() {
      await mkdir(folder, { recursive: true });
      return { folder };
    },
    log,
    onNotice: noticeOfChild(notices),
    onState: (state) => state.kind === 'failed' && onGaveUp(state.error),
    ...(onReady && { onReady }),
  });
}
