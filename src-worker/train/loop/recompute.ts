import type { ParamsOf } from '../../../src-shared/contract/child.ts';
import type { TrainContract } from '../../../src-shared/contract/train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { readStep } from './assignment.ts';
import { baseAtOpening } from './opening-base.ts';
import { assignmentIn, type Trainer, takeTurn } from './trainer.ts';

/**
 * Sketches of chosen micro-batches of anybody's first inner step in a round, from what everybody knows: the page
 * function and the base on which the round opened. Training waits for one micro-batch at a time.
 */
export async function recompute(
  trainer: Trainer,
  asked: ParamsOf<TrainContract, 'recompute'>,
  signal: AbortSignal,
): Promise<{ sketches: number[][] }> {
  const { engine } = trainer;
  const { inner } = trainer.consensus;
  const beyond = asked.microBatches.find((index) => index >= inner.microBatchesPerStep);
  if (beyond !== undefined) throw new AppError('RPC_MALFORMED', { method: `micro-batch ${beyond}` });
  const { base, check } = await baseAtOpening(trainer, asked.round);
  const assignment = assignmentIn(trainer, asked);
  const shape = { microBatches: inner.microBatchesPerStep, sequences: inner.sequencesPerMicroBatch };
  const batches = await readStep(assignment, { page: 0, sequence: 0 }, shape, signal);
  const sketches: number[][] = [];
  for (const index of asked.microBatches) {
    const take = () => {
      check();
      return engine.atBase(base, () => engine.gradient([batches[index]!], { sketchSeed: assignment.seed }));
    };
    const { sketches: one } = await takeTurn(trainer, take, signal);
    sketches.push(...one);
  }
  return { sketches };
}
