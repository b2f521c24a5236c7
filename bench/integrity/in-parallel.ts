import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Figure, unmeasured } from '../report/figures.ts';
import type { PlannedRun } from './runs.ts';

const PLAY = fileURLToPath(new URL('./play.ts', import.meta.url));
/** A run takes two or three minutes of a core. */
const RUN_LIMIT_MS = 900_000;

/** Plays runs in processes of their own, as many at once as there are cores. @returns by name of the figure */
export async function inParallel(
  runs: readonly PlannedRun[],
  wanted: readonly PlannedRun[],
): Promise<ReadonlyMap<string, Figure>> {
  const found = new Map<string, Figure>();
  const waiting = [...wanted];
  const work = async (): Promise<void> => {
    for (let run = waiting.shift(); run; run = waiting.shift()) {
      const names = run.figures;
      const figures = await playApart(runs.indexOf(run)).catch((thrown: unknown) =>
        names.map((name) => unmeasured(name, '', String(thrown))),
      );
      for (const one of figures) found.set(one.name, one);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return found;
}

function playApart(index: number): Promise<readonly Figure[]> {
  return new Promise((resolve, reject) => {
    const child = fork(PLAY, [String(index)], {
      stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
      signal: AbortSignal.timeout(RUN_LIMIT_MS),
    });
    child.once('message', (figures) => resolve(figures as readonly Figure[]));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the run ended with ${code}`)));
  });
}
