import type { PauseReason } from '../../src-shared/rules/reasons.ts';
import { restSentence } from '../../src-shared/rules/words.ts';
import type { Host } from '../host.ts';
import type { LiveRun } from '../runs/live-run.ts';
import { comingTime } from '../shells/control/status.ts';
import { print } from './terminal.ts';

/** A line whenever a rule of the house has it rest, and when that is over. */
function tellRest(live: LiveRun): void {
  let told: PauseReason | null = null;
  live.on('held', (held) => {
    const rest = held?.kind === 'paused' && held.reason !== 'user' ? held : null;
    if (rest && rest.reason !== told) print(`Rests. ${restSentence(rest, comingTime)}`);
    else if (!rest && told) print('No rule of the house holds it any more.');
    told = rest?.reason ?? null;
  });
}

/** A line for each round that is over, where nobody looks at a page. */
export function tellRounds({ runs }: Pick<Host, 'runs'>): void {
  runs.on('begun', (live) => {
    tellRest(live);
    live.on('working', ({ run }) => {
      print(`Works as ${run.config.role} with uid ${run.uid} of subnet ${run.chain.netuid}.`);
      run.rounds.on('settled', ({ summary, baseDigest }) => {
        const base = baseDigest ? `, base ${baseDigest}` : '';
        print(`Round ${summary.round} ${summary.outcome} with ${summary.members} members${base}.`);
      });
    });
  });
}
