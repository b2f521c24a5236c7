import { withLimit } from '../../src-node/waits.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import { type ModelContract, modelContract } from '../../src-shared/contract/model.ts';
import { corpusDir, entryPath } from '../entry-path.ts';
import type { ExtraEnv } from '../supervisor/extra-env.ts';
import { type SupervisedChild, superviseChild } from '../supervisor/supervise.ts';
import { PREPARE_LIMIT_MS } from './limits.ts';

export interface ModelProcessOptions {
  readonly extraEnv: ExtraEnv;
  log(line: string): void;
}

/** Starts a process that reads and writes models as files. Whoever starts it stops it. */
export const startModelProcess = ({ extraEnv, log }: ModelProcessOptions): SupervisedChild<ModelContract> =>
  superviseChild({
    contract: modelContract,
    name: 'model',
    entry: entryPath('model'),
    extraEnv,
    init: () => ({ corpusDir: corpusDir() }),
    log,
  });

/** Such a process for as long as the work lasts. */
export async function withModelProcess<T>(
  options: ModelProcessOptions,
  signal: AbortSignal,
  work: (client: ChildClient<ModelContract>, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const child = startModelProcess(options);
  try {
    const limited = withLimit(signal, PREPARE_LIMIT_MS);
    return await work(await child.whenReady(limited), limited);
  } finally {
    await child.stop();
  }
}
