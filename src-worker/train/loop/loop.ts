import { setImmediate } from 'node:timers/promises';
import type { Activity } from '../../../src-shared/contract/train.ts';
import { NON_FINITE_STEPS } from '../limits.ts';
import { isSnapshotDue, keepWhileNobodyWaits } from '../state/keep.ts';
import { learningRate } from './schedule.ts';
import { isStillOf, readText, type StepText } from './step-text.ts';
import type { Trainer } from './trainer.ts';
import { whileItMay } from './while-it-may.ts';
import { afterSpoiltStep, afterStep, afterUnassignedStep } from './work-record.ts';

/**
 * Training, from the first round that opens until the signal aborts: inner steps on the round's pages, up to the
 * profile's number a round, then rest until the next round opens (docs/decisions/0005). Contributions and commits happen in between,
 * whenever a call takes its turn on the engine; training goes on through all of them.
 */
export async function train(trainer: Trainer, stop: AbortSignal): Promise<void> {
  let spoiltSteps = 0;
  let spoiltAtBase = 0;
  while (!stop.aborted) {
    if (!mayStep(trainer)) trainer.report.flush();
    trainer.activity.loop(loopActivity(trainer));
    if (!(await trainer.gate.until(() => mayStep(trainer), stop))) return;
    // Before the turn: text may be a long time coming, and the group waits for no text.
    const text = await readText(trainer, () => mayStep(trainer), stop);
    if (!text) continue;
    await trainer.turns.take(async () => {
      // The turn may have been long in coming.
      if (stop.aborted || !mayStep(trainer) || !isStillOf(trainer, text)) return;
      const step = await innerStep(trainer, stop, { text, mayRetake: spoiltAtBase < NON_FINITE_STEPS });
      if (step === 'dropped') return;
      // A step at the base says nothing of the local weights.
      if (step.isAtBase) spoiltAtBase = step.isSpoilt ? spoiltAtBase + 1 : 0;
      else spoiltSteps = step.isSpoilt ? spoiltSteps + 1 : 0;
      if (spoiltSteps >= NON_FINITE_STEPS) {
        await startOver(trainer);
        spoiltSteps = 0;
      }
      if (isSnapshotDue(trainer.replica, performance.now())) await keepWhileNobodyWaits(trainer.replica);
    });
    // Calls are answered between steps.
    await setImmediate();
  }
}

/**
 * @param mayRetake a spoilt step at the base is taken again rather than passed over: a round without it has no sketches
 * @returns where its gradient was taken, spoilt when that was not finite and nothing was applied; `dropped` when
 * training had to rest before it was there: the step is taken again from its beginning, with the same pages on the same
 * weights
 */
async function innerStep(
  trainer: Trainer,
  stop: AbortSignal,
  { text, mayRetake }: { readonly text: StepText; readonly mayRetake: boolean },
): Promise<{ readonly isAtBase: boolean; readonly isSpoilt: boolean } | 'dropped'> {
  const { engine, local, consensus, replica } = trainer;
  const { inner, model } = consensus;
  const assignment = trainer.assignment!;
  const round = local.progress.round!;
  const startedMs = performance.now();
  const { batches, isAssigned } = text;
  const isAtBase = isAssigned && round.innerSteps === 0;

  // The first one of a round is taken at the committed base, where a validator can take it too, and every micro-batch
  // is sketched.
  const gradient = await whileItMay(trainer, stop, (signal) =>
    isAtBase
      ? engine.atBase(replica.base, () => engine.gradient(batches, { sketchSeed: assignment.seed, signal }))
      : engine.gradient(batches, { signal }),
  );
  if (!gradient) return 'dropped';
  const { loss, sketches } = gradient;
  const tokens = inner.microBatchesPerStep * inner.sequencesPerMicroBatch * model.context;
  const { sinceReset, tokens: tokensBefore } = local.progress;
  const lr = learningRate(inner, { tokens: tokensBefore + tokens, sinceReset });
  const { gradNorm, applied } = await engine.optimizerStep({ ...inner, lr });
  if (!applied) {
    if (isAssigned && (!isAtBase || !mayRetake)) local.progress = afterSpoiltStep(local.progress, batches);
    trainer.report.skipped();
    return { isAtBase, isSpoilt: true };
  }
  local.progress = isAssigned
    ? afterStep(local.progress, batches, model.context, sketches)
    : afterUnassignedStep(local.progress, tokens);
  const stepMs = performance.now() - startedMs;
  // A loss may be beyond all numbers where its gradient is not: the step was taken, and has none to show.
  if (isAtBase || !Number.isFinite(loss)) trainer.report.work({ tokens, stepMs });
  else
    trainer.report.step({
      atMs: Date.now(),
      step: local.progress.step,
      round: round.round,
      innerStep: round.innerSteps + 1,
      loss,
      lr,
      gradNorm,
      tokens,
      stepMs,
    });
  // From here on a restart goes on with this round, with the sketches that were taken at its base.
  if (isAtBase) replica.snapshotDueMs = performance.now();
  return { isAtBase, isSpoilt: false };
}

/** What training does as things stand. */
export function loopActivity({ isActive, urgent, assignment, local, consensus }: Trainer): Activity {
  const { round } = local.progress;
  if (!isActive) return { kind: 'paused' };
  if (assignment === null || round === null) return { kind: 'resting', round: null, steps: 0 };
  if (round.innerSteps >= consensus.inner.maxStepsPerRound)
    return { kind: 'resting', round: round.round, steps: round.innerSteps };
  return urgent > 0 ? { kind: 'busy', work: 'preparing' } : { kind: 'training', round: round.round };
}

const mayStep = (trainer: Trainer): boolean => loopActivity(trainer).kind === 'training';

/** Weights that give no finite gradient are spoilt; what was offered from them before is not. */
async function startOver({ replica, local }: Trainer): Promise<void> {
  await local.restart(replica.frozen ?? replica.base);
}
