import type { FileHandle } from 'node:fs/promises';
import { EARLY_SYNC_BYTES } from '../limits.ts';

/**
 * Has the disk begin while a long file is still being written, one sync at a time. A system tells a failed write to the
 * first sync that meets it and to no later one, so what fails here must fail the file.
 */
export class EarlySync {
  readonly #file: FileHandle;
  #unsyncedBytes = 0;
  #running: Promise<void> | null = null;
  #failed: { readonly thrown: unknown } | null = null;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** So many bytes more are in the file. */
  written(bytes: number): void {
    this.#unsyncedBytes += bytes;
    if (this.#running || this.#unsyncedBytes < EARLY_SYNC_BYTES) return;
    this.#unsyncedBytes = 0;
    this.#running = this.#sync();
  }

  /** Waits for what runs. @throws what the system said to any of them */
  async ended(): Promise<void> {
    await this.over();
    if (this.#failed) throw this.#failed.thrown;
  }

  /** Waits for what runs, however it ends: before the file is closed. */
  async over(): Promise<void> {
    await this.#running;
  }

  async #sync(): Promise<void> {
    try {
      await this.#file.datasync();
    } catch (thrown) {
      this.#failed ??= { thrown };
    }
    this.#running = null;
  }
}
