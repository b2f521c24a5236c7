import type { SetupStep, SetupStepId } from '../../src-shared/contract/page/runs.ts';
import type { RunView } from '../../src-shared/contract/page/sections.ts';

/**
 * The steps of a start as they concern this run: what it has been through before is not waited for again. A run that
 * averaged, was scored and was paid yesterday starts its engine anew, and nothing else.
 */
export const stepsOf = (run: RunView): readonly SetupStep[] =>
  run.setup.map((step) => (isBehind(step.id, run) ? { ...step, state: 'done', detail: null } : step));

function isBehind(id: SetupStepId, { facts, history, scores, earnings }: RunView): boolean {
  switch (id) {
    case 'round':
      return facts.continuesAtRound !== null || history.some(({ outcome }) => outcome === 'committed');
    case 'scores':
      return facts.continuesAtRound !== null || scores?.mine?.total != null;
    case 'earnings':
      return facts.continuesAtRound !== null || (earnings?.epochs.some(({ alpha }) => alpha > 0n) ?? false);
    default:
      return false;
  }
}

export const allDone = (steps: readonly SetupStep[]): boolean => steps.every(({ state }) => state === 'done');
