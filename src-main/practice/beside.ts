import type { Ss58 } from '../../src-shared/units.ts';
import type { Runs } from '../runs/runs.ts';

/** Runs on the chain of this host's practice, which has none without it. */
export const besidePractice = (runs: Pick<Runs, 'live' | 'stopped' | 'originOf'>): readonly Ss58[] =>
  [...runs.live.keys(), ...runs.stopped.map(({ id }) => id)].filter((id) => {
    const origin = runs.originOf(id);
    return origin.kind === 'joined' && origin.beside === 'practice';
  });

/** Ends them with the practice. @returns what ends this */
export const endWithPractice = (runs: Runs, log: (line: string) => void): (() => void) =>
  runs.on('gone', ({ id }) => {
    if (runs.originOf(id).kind !== 'practice') return;
    for (const other of besidePractice(runs))
      if (runs.live.has(other))
        void runs.end(other, 'now').catch((error: unknown) => log(`${other} did not end: ${error}`));
  });
