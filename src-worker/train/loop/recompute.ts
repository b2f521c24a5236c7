import type { ParamsOf } from '../../../src-shared/contract/child.ts';
import type { TrainContract } from '../../../src-shared/contract/train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Replica } from '../state/replica.ts';
import { readBase } from '../state/state-file.ts';
import { readStep } from './assignment.ts';
import { assignmentIn, type Opening, type Trainer, takeTurn } from './trainer.ts';

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
  const base = await baseAtOpening(trainer, asked.round);
  const assignment = assignmentIn(trainer, asked);
  const shape = { microBatches: inner.microBatchesPerStep, sequences: inner.sequencesPerMicroBatch };
  const batches = await readStep(assignment, { page: 0, sequence: 0 }, shape, signal);
  const sketches: number[][] = [];
  for (const index of asked.microBatches) {
    const take = () =>
      engine.atBase(base, () => engine.gradient([batches[index]!], { sketchSeed: assignment.seed }));
    const { sketches: one } = await takeTurn(trainer, take, signal);
    sketches.push(...one);
  }
  return { sketches };
}

/** A round that did not open in this process yet stands on the current base, if that is not newer than the round. */
async function baseAtOpening({ openings, replica }: Trainer, round: number): Promise<Float32Array> {
  const opening = openings.find((at) => at.round === round);
  const { standing, settledRound } = replica.current;
  const isCurrent = opening ? opening.standing.id === standing.id : round > settledRound;
  const base = isCurrent ? replica.base : opening && (await earlierBase(replica, opening));
  if (base) return base;
  throw new AppError('NOT_NOW', { what: `Checking round ${round}`, state: 'past it' });
}

/** @returns null where its state is no longer kept: two commits later nothing names it */
async function earlierBase(
  { elements, consensus, folder }: Replica,
  opening: Opening,
): Promise<Float32Array | null> {
  const known = opening.base?.deref();
  if (known) return known;
  const { state, baseDigest } = opening.standing;
  const expected = { digest: baseDigest, pieceBytes: consensus.codec.pieceBytes };
  const base = await readBase(folder.path(state), elements, expected);
  if (base) opening.base = new WeakRef(base);
  return base;
}
