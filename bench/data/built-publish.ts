import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SharedPublish } from '../../src-main/publishing/shared-publish.ts';
import { superviseChild } from '../../src-main/supervisor/supervise.ts';
import { publishContract } from '../../src-shared/contract/publish.ts';

const ENTRY = fileURLToPath(new URL('../../out/worker/publish.js', import.meta.url));

/**
 * The process that publishes as people have it: run from sources, what translates them takes 43 MB of memory more.
 */
export function startBuiltPublish(home: string): Pick<SharedPublish, 'client' | 'pid' | 'stop'> {
  const folder = join(home, 'publish');
  const child = superviseChild({
    ...{ contract: publishContract, name: 'publish', entry: ENTRY, extraEnv: {} },
    async init() {
      await mkdir(folder, { recursive: true });
      return { folder };
    },
  });
  return {
    client: (signal) => child.whenReady(signal),
    get pid() {
      return child.state.kind === 'ready' ? child.state.pid : null;
    },
    stop: () => child.stop(),
  };
}
