import type { Run } from './run.ts';
import type { SetupSteps } from './setup-steps.ts';

/** Ticks off what happens for the first time: a committed round, scores, pay. */
export function watchFirsts(run: Run, steps: SetupSteps): void {
  run.rounds.on('view', (view) => {
    if (view && view.round >= 0)
      steps.set('round', 'working', {
        code: 'block-of-round',
        params: { block: view.blockInRound, of: view.blocksPerRound },
      });
  });
  run.rounds.on('settled', ({ summary }) => {
    if (summary.outcome !== 'committed') return;
    steps.set('round', 'done');
    steps.set('scores', 'working');
  });
  run.onScores('scores', ({ mine }) => {
    if (mine?.total === null || mine?.total === undefined) return;
    steps.set('scores', 'done');
    steps.set('earnings', 'working', { code: 'pays-at-epoch-end', params: {} });
  });
  const lookAtPay = async () => {
    const { lastEpoch } = await run.earnings.view();
    if (lastEpoch && lastEpoch.alpha > 0n) steps.set('earnings', 'done');
  };
  const look = () => void lookAtPay().catch(() => undefined);
  run.earnings.onChange(look);
  look();
}
