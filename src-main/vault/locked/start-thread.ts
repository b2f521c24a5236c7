import { Worker } from 'node:worker_threads';
import { entryUrl } from '../../entry-path.ts';
import type { ThreadStart } from './answer-lock.ts';

/** A thread for one question, in which nothing of ours is but the question. */
export const startThread = (start: ThreadStart): Worker =>
  new Worker(entryUrl('lock-thread'), { workerData: start, execArgv: [], env: {} });
