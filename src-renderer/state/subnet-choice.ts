import type { RunFacts } from '../../src-shared/contract/page/runs.ts';
import type { RunId, View } from '../../src-shared/contract/page/sections.ts';
import { runsOf } from './shown-run.ts';

/** A run whose subnet can be looked at. */
export interface SubnetChoice {
  readonly id: RunId;
  readonly facts: Omit<RunFacts, 'continuesAtRound'>;
  readonly isStopped: boolean;
}

/** Runs that work, then those of before whose chain is still there without this computer. */
export function subnetsOf(view: View): readonly SubnetChoice[] {
  const working = runsOf(view).map(([id, { facts }]) => ({ id, facts, isStopped: false }));
  const stopped = view.stopped
    // A practice's own chain stands still with it.
    .filter(({ id, controls }) => !controls.includes('start-over') && !view.runs[id])
    .map(({ id, ...facts }) => ({ id, facts, isStopped: true }));
  return [...working, ...stopped];
}
