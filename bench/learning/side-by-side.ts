import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Asked, Learned } from './learned.ts';

/** Runs, as many at a time as there are cores, in the order asked for. */
export async function sideBySide(
  asked: readonly Asked[],
  told: (index: number, learned: Learned) => void = () => undefined,
): Promise<readonly Learned[]> {
  const learned: Learned[] = [];
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < asked.length; index = next++) {
      learned[index] = await inThread(asked[index]!);
      told(index, learned[index]!);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return learned;
}

function inThread(asked: Asked): Promise<Learned> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: asked });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a run ended with ${code}`)));
  });
}
