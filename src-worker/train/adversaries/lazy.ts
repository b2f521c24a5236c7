import { honestLabour, type Labour } from '../loop/labour.ts';
import { train } from '../loop/loop.ts';
import type { Trainer } from '../loop/trainer.ts';
import { asIf, withSteps } from './as-if.ts';
import { claimWhole } from './claims.ts';
import { offerNoise } from './offer-instead.ts';

/** Takes some of the round's steps and no more, the first one as everybody does: its sketches are true. */
const fewSteps =
  (stepsOf: (most: number) => number): Labour['run'] =>
  (trainer, stop) => {
    const steps = stepsOf(trainer.consensus.inner.maxStepsPerRound);
    return train(asIf(trainer, { consensus: { value: withSteps(trainer.consensus, steps) } }), stop);
  };

/** Closes the round as an honest one does, and claims all of its steps. */
async function closeClaimingAll(trainer: Trainer, round: number, medianNorm: number | null) {
  const { sketches, steps } = await honestLabour.close(trainer, round, medianNorm);
  // Where not even the first step was taken a claim would be found by its missing sketches.
  return steps > 0 ? claimWhole(trainer, round, sketches) : honestLabour.close(trainer, round, medianNorm);
}

/** Does half of the work and claims the whole. */
export const halfWorkerLabour: Labour = {
  run: fewSteps((most) => Math.ceil(most / 2)),
  close: closeClaimingAll,
};

/** Takes the one step that validators look at, and claims the whole. */
export const checkOnlyLabour: Labour = { run: fewSteps(() => 1), close: closeClaimingAll };

/** The same, and what it offers is noise: the sketches are right, the contribution is not. */
export const decoyLabour: Labour = {
  run: fewSteps(() => 1),
  async close(trainer, round, medianNorm) {
    const record = await closeClaimingAll(trainer, round, medianNorm);
    await offerNoise(trainer, medianNorm);
    return record;
  },
};
