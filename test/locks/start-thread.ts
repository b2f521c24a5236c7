import { Worker } from 'node:worker_threads';
import { inject } from 'vitest';
import type { ThreadStart } from '../../src-main/vault/locked/answer-lock.ts';

/** 1 while threads wait before they derive anything, so that what is shown meanwhile can be looked at. */
const held = new Int32Array(new SharedArrayBuffer(4));

/** What `vitest.config.ts` puts in the place of the vault's own: the same thread, but for keys that take no seconds. */
export const startThread = (start: ThreadStart): Worker =>
  new Worker(new URL(inject('lockThread')), { workerData: { ...start, held }, execArgv: [], env: {} });

/** Passwords become no keys until what is returned is called. */
export function holdKeys(): () => void {
  Atomics.store(held, 0, 1);
  return () => {
    Atomics.store(held, 0, 0);
    Atomics.notify(held, 0);
  };
}
