import { pause } from '../../../src-node/waits.ts';
import { toCodedError } from '../../../src-shared/errors/app-error.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { FAULTY_TEXT_PAUSE_MS, TEXT_WAIT_TOLD_MS } from '../pages/limits.ts';
import type { SpareSource } from '../pages/page-source.ts';
import type { Cursor } from '../state/progress.ts';
import { type Assignment, type MicroBatch, readStep } from './assignment.ts';
import type { Trainer } from './trainer.ts';

/** The text of one inner step, and where in the round it belongs. */
export interface StepText {
  readonly batches: readonly MicroBatch[];
  /** Of the round's own pages; else of what was here, which is trained on and claimed nowhere. */
  readonly isAssigned: boolean;
  readonly assignment: Assignment;
  readonly cursor: Cursor;
}

/** Whether the round still stands where the text was read for. */
export function isStillOf({ assignment, local }: Trainer, text: StepText): boolean {
  const cursor = local.progress.round?.cursor;
  return (
    assignment === text.assignment &&
    cursor?.page === text.cursor.page &&
    cursor.sequence === text.cursor.sequence
  );
}

/**
 * The text of the next step. What cannot be had in time, or not at all, is stood in for by text that is here, as often as a
 * round has steps; it is never mixed into a step that is claimed.
 * @param mayStep whether a step may be taken at all; once it may not, nothing is waited for
 * @returns null where that came first
 */
export async function readText(
  trainer: Trainer,
  mayStep: () => boolean,
  stop: AbortSignal,
): Promise<StepText | null> {
  const { assignment, local, gate } = trainer;
  const round = local.progress.round;
  if (!assignment || !round) return null;
  const over = new AbortController();
  const signal = AbortSignal.any([stop, over.signal]);
  // A new round, a pause or a call that all wait for: this text is not wanted any more.
  void gate.until(() => trainer.assignment !== assignment || !mayStep(), signal).then(() => over.abort());
  const waiting = setTimeout(() => {
    if (!signal.aborted) trainer.activity.loop({ kind: 'busy', work: 'fetching' });
  }, TEXT_WAIT_TOLD_MS);
  try {
    return await withSpare(trainer, { assignment, cursor: round.cursor }, signal);
  } catch (thrown) {
    if (signal.aborted) return null;
    throw thrown;
  } finally {
    clearTimeout(waiting);
    over.abort();
  }
}

async function withSpare(
  trainer: Trainer,
  at: Pick<StepText, 'assignment' | 'cursor'>,
  signal: AbortSignal,
): Promise<StepText | null> {
  const { corpus, consensus } = trainer;
  const assigned = async (): Promise<StepText> => {
    const batches = await readStep(at.assignment, at.cursor, shapeOf(consensus), signal);
    corpus.setUnassigned?.(false);
    if (trainer.faultyText) trainer.told.clearNotice(trainer.faultyText.code);
    trainer.faultyText = null;
    return { ...at, batches, isAssigned: true };
  };
  if (!isSpare(corpus)) return assigned();
  const { round } = trainer.local.progress;
  const stepsTaken = (round?.innerSteps ?? 0) + (round?.unassignedSteps ?? 0);
  const isSpent = stepsTaken >= consensus.inner.maxStepsPerRound;
  const { faultyText } = trainer;
  const faultyMs = faultyText?.assignment === at.assignment ? faultyText.untilMs - performance.now() : 0;
  if (faultyMs > 0) {
    if (!isSpent) return spareStep(trainer, at, corpus, signal);
    await pause(faultyMs, signal);
    return null;
  }
  const reading = assigned().catch((thrown: unknown) => {
    if (signal.aborted) return null;
    const error = toCodedError(thrown);
    trainer.told.notice(error);
    // Asked for at every step, a server that refuses would be asked many times a second.
    const untilMs = performance.now() + FAULTY_TEXT_PAUSE_MS;
    trainer.faultyText = { assignment: at.assignment, code: error.code, untilMs };
    return null;
  });
  const first = await (isSpent
    ? reading
    : Promise.race([reading, corpus.outOfReach(signal).then(() => null)]));
  signal.throwIfAborted();
  return first ?? (isSpent ? null : spareStep(trainer, at, corpus, signal));
}

async function spareStep(
  trainer: Trainer,
  { assignment, cursor }: Pick<StepText, 'assignment' | 'cursor'>,
  spare: SpareSource,
  signal: AbortSignal,
): Promise<StepText> {
  const rotation: Assignment = { ...assignment, page: (turn, until) => spare.spare(turn, until) };
  const batches = await readStep(rotation, trainer.spareCursor, shapeOf(trainer.consensus), signal);
  trainer.spareCursor = batches.at(-1)?.next ?? trainer.spareCursor;
  spare.setUnassigned(true);
  return { assignment, cursor, batches, isAssigned: false };
}

const isSpare = (corpus: Partial<SpareSource>): corpus is SpareSource => corpus.spare !== undefined;

const shapeOf = ({ inner }: Consensus) => ({
  microBatches: inner.microBatchesPerStep,
  sequences: inner.sequencesPerMicroBatch,
});
