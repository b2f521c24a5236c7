import { Worker } from 'node:worker_threads';
import { within } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { entryUrl } from '../entry-path.ts';
import { SEAL_LIMIT_MS } from './limits.ts';
import type { SealStart } from './seal-thread.ts';

/** Bytes under a time lock, made on a thread of its own. @throws {AppError} INTERNAL, TIMEOUT, CANCELLED */
export async function seal(start: SealStart, signal: AbortSignal): Promise<Uint8Array> {
  const worker = new Worker(entryUrl('seal-thread'), { workerData: start, execArgv: [], env: {} });
  try {
    const sealed = new Promise<Uint8Array>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', (error) => reject(new AppError('INTERNAL', {}, error)));
      worker.once('exit', () => reject(new AppError('INTERNAL', {}, 'the thread ended')));
    });
    return await within(sealed, 'seal', SEAL_LIMIT_MS, signal);
  } finally {
    await worker.terminate();
  }
}
