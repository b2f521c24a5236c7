import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { PublishContract } from '../../src-shared/contract/publish.ts';
import { describeError } from '../../src-shared/errors/app-error.ts';
import { startPublish } from '../publishing/start-publish.ts';
import { wantsLog } from './tell.ts';
import { CLEARED_LINE, printError } from './terminal.ts';

const PHASES = { checking: 'Looking', sending: 'Sending', receiving: 'Receiving', committing: 'Committing' };

/**
 * A process that publishes, for one job at a terminal; how far it is stands there meanwhile. Its folder is its own, so
 * that it is none of a host that may run beside it.
 */
export async function withPublishProcess<T>(
  signal: AbortSignal,
  use: (client: ChildClient<PublishContract>) => Promise<T>,
): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'butterfly-publish-'));
  const child = startPublish({
    ...{ dataDir, extraEnv: {} },
    notices: { notice: (error) => printError(describeError(error).sentence), clearNotice: () => undefined },
    log: (line) => void (wantsLog() && printError(line)),
    // Whoever waits for it is told.
    onGaveUp: () => undefined,
  });
  let isShown = false;
  const clear = () => {
    if (isShown) process.stderr.write(CLEARED_LINE);
    isShown = false;
  };
  child.on('progress', ({ phase, doneBytes, allBytes }) => {
    if (!process.stderr.isTTY) return;
    const percent = Math.floor((100 * doneBytes) / Math.max(1, allBytes));
    clear();
    process.stderr.write(`${PHASES[phase]} ${percent} %`);
    isShown = true;
  });
  child.on('waiting', ({ reason, untilMs }) => {
    clear();
    printError(waitingWords(reason, Math.max(0, Math.ceil((untilMs - Date.now()) / 1_000))));
  });
  try {
    return await use(await child.whenReady(signal));
  } finally {
    clear();
    await child.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const waitingWords = (reason: 'asked' | 'failed', waitS: number): string =>
  reason === 'asked'
    ? `The store asks to be left alone: it goes on in ${waitS} s. Ctrl+C ends it.`
    : `The store could not be reached: it is tried again in ${waitS} s. Ctrl+C ends it.`;
