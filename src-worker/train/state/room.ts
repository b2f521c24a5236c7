import { pause } from '../../../src-node/waits.ts';
import { DISK_RETRY_FIRST_MS, DISK_RETRY_LONGEST_MS } from '../limits.ts';
import { isDiskFull } from './disk.ts';

/**
 * Does `work`, which is safe to repeat, again and again while the disk is full. A person has been told by then; what
 * ends the wait in any case is the caller's signal.
 * @throws {AppError} DISK_FULL when the signal aborts before there is room
 */
export async function whenThereIsRoom<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let pauseMs = DISK_RETRY_FIRST_MS; ; pauseMs = Math.min(2 * pauseMs, DISK_RETRY_LONGEST_MS)) {
    try {
      return await work();
    } catch (thrown) {
      if (!isDiskFull(thrown)) throw thrown;
      await pause(pauseMs, signal);
      if (signal.aborted) throw thrown;
    }
  }
}
