import { diskError } from '../../src-node/disk-error.ts';
import type { Notices } from '../../src-node/notices.ts';
import { pause } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { DISK_RETRY_MS } from './limits.ts';

export type DiskStep = 'open' | 'write' | 'sync' | 'publish';

/** Called before each step that changes the disk. Tests count here, or throw as a full disk does. */
export type DiskWatch = (step: DiskStep, path: string) => void;

/** Every change that `swarm` makes to the disk goes through this: a full one is told and waited for. */
export class SpoolDisk {
  readonly #notices: Notices;
  readonly #watch: DiskWatch;
  #waiting = 0;
  #isTold = false;

  constructor(notices: Notices, watch: DiskWatch = () => {}) {
    this.#notices = notices;
    this.#watch = watch;
  }

  /**
   * Does one step, which must be safe to repeat; while the disk is full it is tried again until the signal aborts.
   * @throws {AppError} DISK_FULL when the signal aborts before there is room; or of another failure of the disk
   */
  async step<T>(step: DiskStep, path: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    let isWaiting = false;
    try {
      for (;;) {
        try {
          this.#watch(step, path);
          const value = await work();
          if (isWaiting || step === 'write') this.#foundRoom(isWaiting ? 1 : 0);
          return value;
        } catch (thrown) {
          const error = diskError(thrown, path);
          if (!(error instanceof AppError) || error.code !== 'DISK_FULL') throw error;
          if (!isWaiting) this.#lackRoom(error);
          isWaiting = true;
          await pause(DISK_RETRY_MS, signal);
          if (signal.aborted) throw error;
        }
      }
    } finally {
      if (isWaiting) this.#waiting--;
    }
  }

  #lackRoom(error: AppError): void {
    this.#waiting++;
    if (!this.#isTold) this.#notices.notice(error);
    this.#isTold = true;
  }

  /** @param own 1 where the step that succeeded had waited itself */
  #foundRoom(own: number): void {
    if (!this.#isTold || this.#waiting > own) return;
    this.#isTold = false;
    this.#notices.clearNotice('DISK_FULL');
  }
}
