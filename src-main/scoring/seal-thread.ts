import { parentPort, workerData } from 'node:worker_threads';
import { encryptTimelocked } from '../../src-node/timelock.ts';

/** What one seal is made of. */
export interface SealStart {
  readonly plain: Uint8Array;
  readonly round: number;
  readonly publicKey: Uint8Array;
}

/** A thread of its own for one seal: pairings take tens of milliseconds, which the host does not have. */
const { plain, round, publicKey } = workerData as SealStart;
parentPort?.postMessage(encryptTimelocked(plain, round, publicKey));
