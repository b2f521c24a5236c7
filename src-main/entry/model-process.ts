import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { ModelContract } from '../../src-shared/contract/model.ts';
import { startModelProcess } from '../publishing/model-process.ts';
import { wantsLog } from './tell.ts';
import { CLEARED_LINE, printError } from './terminal.ts';

/** The process that answers one question about models; how far it is stands on the terminal meanwhile. */
export async function withModelProcess<T>(
  signal: AbortSignal,
  use: (client: ChildClient<ModelContract>) => Promise<T>,
): Promise<T> {
  /** Percent that stand on the terminal. */
  let shown = -1;
  const child = startModelProcess({ extraEnv: {}, log: (line) => void (wantsLog() && printError(line)) });
  child.on('progress', ({ done, all }) => {
    const percent = Math.min(100, Math.floor((100 * done) / all));
    if (!process.stderr.isTTY || percent === shown) return;
    shown = percent;
    process.stderr.write(percent < 100 ? `\r${percent} %` : CLEARED_LINE);
  });
  try {
    return await use(await child.whenReady(signal));
  } finally {
    if (shown >= 0 && shown < 100) process.stderr.write(CLEARED_LINE);
    await child.stop();
  }
}
