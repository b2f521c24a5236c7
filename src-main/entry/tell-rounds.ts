import type { Host } from '../host.ts';
import { print } from './terminal.ts';

/** A line for each round that is over, where nobody looks at a page. */
export function tellRounds({ runs }: Pick<Host, 'runs'>): void {
  runs.on('begun', (live) => {
    live.on('working', ({ run }) => {
      print(`Works as ${run.config.role} with uid ${run.uid} of subnet ${run.chain.netuid}.`);
      run.rounds.on('settled', ({ summary, baseDigest }) => {
        const base = baseDigest ? `, base ${baseDigest}` : '';
        print(`Round ${summary.round} ${summary.outcome} with ${summary.members} members${base}.`);
      });
    });
  });
}
