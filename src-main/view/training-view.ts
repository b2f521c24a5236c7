import type { EventOf, ReadyOf } from '../../src-shared/contract/child.ts';
import type {
  HeldOutPoint,
  Activity as ShownActivity,
  TrainingView,
} from '../../src-shared/contract/page/runs.ts';
import type { Activity, TrainContract } from '../../src-shared/contract/train.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';

/** Weight of the newest value in the bold line; about the last fifty reports. */
const LOSS_AVERAGE_WEIGHT = 0.04;
const RATE_AVERAGE_WEIGHT = 0.1;
/** Held-out points sent to the page, beside the very first one. */
const HELD_OUT_SHOWN = 500;

type Step = EventOf<TrainContract, 'step'>;
/** What its profile says of the model and its steps. */
type TrainedModel = Pick<Consensus, 'model' | 'inner'>;

/** Folds the trainer's reports into what the page shows. Pure: the next view from the last one. */
export function afterStep(
  last: TrainingView | null,
  step: Step,
  facts: ReadyOf<TrainContract>,
  consensus: TrainedModel,
): TrainingView {
  const rate = step.stepMs > 0 ? (step.tokens * 1000) / step.stepMs : 0;
  return {
    step: step.step,
    innerStep: step.innerStep,
    loss: step.loss,
    lossAverage: blend(last?.lossAverage, step.loss, LOSS_AVERAGE_WEIGHT),
    lr: step.lr,
    tokensPerSecond: blend(last?.tokensPerSecond, rate, RATE_AVERAGE_WEIGHT),
    tokens: (last?.tokens ?? 0) + step.tokens,
    skippedSteps: last?.skippedSteps ?? 0,
    ...standing(facts, consensus),
  };
}

/** The same with so many steps more that were not taken. */
export const afterSkipped = (last: TrainingView, steps: number): TrainingView => ({
  ...last,
  skippedSteps: last.skippedSteps + steps,
});

/** What the trainer says it does, in the page's words; null before a round is open: there is nothing to say yet. */
export function shownActivity(activity: Activity): ShownActivity | null {
  switch (activity.kind) {
    case 'training':
    case 'paused':
      return { kind: activity.kind };
    case 'resting':
      return activity.round === null ? null : { kind: 'resting' };
    case 'busy':
      return { kind: 'busy', with: workShown[activity.work] };
  }
}

const workShown = {
  contributing: 'average',
  preparing: 'average',
  settling: 'average',
  loading: 'loading',
  evaluating: 'checks',
  checking: 'checks',
  fetching: 'text',
} as const;

/** What is known of the trainer before its first step. */
export const beforeTraining = (facts: ReadyOf<TrainContract>, consensus: TrainedModel): TrainingView => ({
  step: 0,
  innerStep: 0,
  loss: null,
  lossAverage: null,
  lr: null,
  tokensPerSecond: null,
  tokens: 0,
  skippedSteps: 0,
  ...standing(facts, consensus),
});

/** What stays through all steps of one life of the trainer. */
const standing = (
  { unigramEntropy, engine, computes, backend, parameters, plan, footprint }: ReadyOf<TrainContract>,
  { model, inner }: TrainedModel,
) => ({
  ...{ unigramEntropy, engine, computes, backend, parameters, plan, footprint },
  context: model.context,
  microBatch: inner.sequencesPerMicroBatch,
  stepsPerRound: inner.maxStepsPerRound,
});

/** One held-out loss for each round, the newest measured, by round: the very first and the last ones are shown. */
export function heldOutShown(points: readonly HeldOutPoint[]): readonly HeldOutPoint[] {
  const byRound = new Map(points.map((point) => [point.round, point]));
  const [first, ...rest] = [...byRound.values()].sort((a, b) => a.round - b.round);
  return first ? [first, ...rest.slice(-HELD_OUT_SHOWN)] : [];
}

const blend = (last: number | null | undefined, value: number, weight: number): number =>
  last === undefined || last === null ? value : last + weight * (value - last);
