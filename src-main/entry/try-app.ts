import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopStack } from '../../src-node/stop-stack.ts';
import { pageDir } from '../entry-path.ts';
import { pageDoor, startHost } from '../host.ts';
import { loadPage } from '../shells/electron/load-page.ts';
import { hostParts, selfTest } from './self-test.ts';
import { tell } from './tell.ts';
import { print } from './terminal.ts';

/**
 * `--self-test`: the parts of this app, tried for real in a folder that goes with it, told as one line of JSON.
 * @returns the exit code: 0 when all of it works
 */
export async function tryApp(preload: string): Promise<number> {
  const started = stopStack({ onProblem: (_name, problem) => tell(problem) });
  const ending = new AbortController();
  try {
    const dataDir = await mkdtemp(join(tmpdir(), 'butterfly-self-test-'));
    started.push('folder', () => rm(dataDir, { recursive: true, force: true }));
    const host = await startHost({
      ...{ dataDir, shell: 'electron', adversary: null, extraEnv: {}, echoLog: false },
      askToEnd: () => ending.abort(),
    });
    started.push('host', () => host.stop());
    const parts = [
      ...hostParts(host),
      {
        name: 'page' as const,
        run: (signal: AbortSignal) => loadPage({ door: pageDoor(host), folder: pageDir(), preload }, signal),
      },
    ];
    const report = await selfTest(parts, { signal: ending.signal });
    print(JSON.stringify(report));
    return report.isWell ? 0 : 1;
  } catch (thrown) {
    tell(thrown);
    return 1;
  } finally {
    await started.stop();
  }
}
