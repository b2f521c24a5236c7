import { orAbort, withLimit } from '../../src-node/waits.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import {
  type TensorFlowKitContract,
  tensorFlowKitContract,
} from '../../src-shared/contract/tensorflow-kit.ts';
import { entryPath } from '../entry-path.ts';
import { linkChild } from '../supervisor/child-link.ts';
import { lastLines } from '../supervisor/last-lines.ts';
import { childLimits, REPORT_LINE_CHARS, REPORT_LINES } from '../supervisor/limits.ts';
import { demandProgram } from '../supervisor/program-files.ts';
import { KIT_READY_MS } from './limits.ts';
import type { Running } from './program.ts';

/** A process for one piece of work with what others wrote; it is gone when this returns. */
export async function withKit<T>(
  folder: string,
  { signal, log }: Running,
  work: (kit: ChildClient<TensorFlowKitContract>) => Promise<T>,
): Promise<T> {
  await demandProgram(entryPath('tensorflow-kit'), signal);
  const link = linkChild({
    contract: tensorFlowKitContract,
    name: 'tensorflow-kit',
    entry: entryPath('tensorflow-kit'),
    config: { folder },
    limits: childLimits,
    extraEnv: {},
    report: lastLines(REPORT_LINES, REPORT_LINE_CHARS),
    log,
    onNotice: () => undefined,
    onReady: () => undefined,
    onEnded: () => undefined,
  });
  try {
    return await work(await orAbort(link.ready, withLimit(signal, KIT_READY_MS)));
  } finally {
    await link.stop();
  }
}
