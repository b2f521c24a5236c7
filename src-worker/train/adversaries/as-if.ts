import type { Consensus } from '../../../src-shared/profile/schema.ts';
import type { Trainer } from '../loop/trainer.ts';

/** The same process, but that it takes some things for others: only who is handed this one sees them so. */
export const asIf = (trainer: Trainer, otherwise: PropertyDescriptorMap): Trainer =>
  Object.create(trainer, otherwise);

/** The profile with fewer inner steps a round. */
export const withSteps = (consensus: Consensus, maxStepsPerRound: number): Consensus => ({
  ...consensus,
  inner: { ...consensus.inner, maxStepsPerRound },
});
