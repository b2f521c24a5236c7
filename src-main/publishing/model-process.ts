import { withLimit } from '../../src-node/waits.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import { type ModelContract, modelContract } from '../../src-shared/contract/model.ts';
import { corpusDir, entryPath } from '../entry-path.ts';
import type { ExtraEnv } from '../supervisor/extra-env.ts';
import { superviseChild } from '../supervisor/supervise.ts';
import { PREPARE_LIMIT_MS } from './limits.ts';

/** The process that turns states into files and back, for as long as the work lasts. */
export async function withModelProcess<T>(
  { extraEnv, log }: { readonly extraEnv: ExtraEnv; log(line: string): void },
  signal: AbortSignal,
  work: (client: ChildClient<ModelContract>, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const child = superviseChild({
    contract: modelContract,
    name: 'model',
    entry: entryPath('model'),
    extraEnv,
    init: () => ({ corpusDir: corpusDir() }),
    log,
  });
  try {
    const limited = withLimit(signal, PREPARE_LIMIT_MS);
    return await work(await child.whenReady(limited), limited);
  } finally {
    await child.stop();
  }
}
