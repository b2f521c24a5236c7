import { parameterCount } from '../../src-shared/model/layout.ts';
import { trainingFlops } from '../../src-shared/model/work.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import { liveProfile } from '../../src-shared/profile/shipped.ts';
import { checksOf } from '../../src-shared/scoring/checks.ts';
import { type Figure, figure } from '../report/figures.ts';

const MINERS = 64;
/** A forward pass is a third of what training takes of a token. */
const FORWARD = 1 / 3;
/** Each element of a gradient goes into a sum of absolute values and into every projection: a product and an addition. */
const sketchFlops = ({ sketches, model }: Consensus): number =>
  parameterCount(model) * 2 * (1 + sketches.projections);

/** Of one miner's round as the profile lets it count: inner steps alone, without sketches, contribution or commit. */
const roundFlops = ({ inner, model }: Consensus): number =>
  inner.maxStepsPerRound *
  inner.microBatchesPerStep *
  inner.sequencesPerMicroBatch *
  model.context *
  trainingFlops(model);

/** Recomputed micro-batches of one miner with their sketches. */
function recomputeFlops(consensus: Consensus): number {
  const { inner, model, sketches } = consensus;
  const microBatches = Math.min(sketches.checkedMicroBatches, inner.microBatchesPerStep);
  const tokens = inner.sequencesPerMicroBatch * model.context;
  return microBatches * (tokens * trainingFlops(model) + sketchFlops(consensus));
}

/** A stretch of its own text and a random one, at the base of the round, at the newest and with the contribution. */
function lookFlops({ scoreModel, model }: Consensus): number {
  const tokens = 6 * checksOf(scoreModel).stretchSequences * model.context;
  return tokens * FORWARD * trainingFlops(model) + parameterCount(model);
}

/**
 * FLOPs of checking 64 miners once over those of one miner's round, gpt2-124m with 500 inner steps of batch 64: counted
 * from the profile, as `checkGradient` and `lookAtEffect` ask of an engine.
 */
export async function checkCost(): Promise<Figure> {
  const { consensus } = liveProfile('gpt2-124m');
  const round = roundFlops(consensus);
  const [recomputed, looked] = [recomputeFlops(consensus), lookFlops(consensus)].map(
    (one) => (MINERS * one) / round,
  );
  return figure('check-cost', recomputed! + looked!, 'ratio', {
    floor: 1,
    goal: 0.3,
    seen: `first steps ${recomputed!.toFixed(3)}, looks at contributions ${looked!.toFixed(3)}`,
  });
}
