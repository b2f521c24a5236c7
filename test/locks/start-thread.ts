import { Worker } from 'node:worker_threads';
import { inject } from 'vitest';
import type { ThreadStart } from '../../src-main/vault/locked/answer-lock.ts';

/** What `vitest.config.ts` puts in the place of the vault's own: the same thread, but for keys that take no seconds. */
export const startThread = (start: ThreadStart): Worker =>
  new Worker(new URL(inject('lockThread')), { workerData: start, execArgv: [], env: {} });
