import type { WorkRecord } from '../../../src-shared/spool.ts';
import { hex } from '../../../src-shared/units.ts';
import { assignmentIn, type Trainer } from '../loop/trainer.ts';

/** A page comes from memory or from disk. */
const PAGE_LIMIT_MS = 10_000;

/** Sequences of a round in which every step was taken. */
export const wholeRound = ({ consensus: { inner } }: Trainer): number =>
  inner.maxStepsPerRound * inner.microBatchesPerStep * inner.sequencesPerMicroBatch;

/** The record that says that every step of the round was taken, whatever was. */
export async function claimWhole(
  trainer: Trainer,
  round: number,
  sketches: WorkRecord['sketches'],
): Promise<WorkRecord> {
  const { hotkey, consensus } = trainer;
  const sequences = wholeRound(trainer);
  const pages = await claimedPages(trainer, round, sequences);
  return { round, hotkey, pages, steps: consensus.inner.maxStepsPerRound, sequences, sketches };
}

/** The right pages with the right digests, enough of them; none where the round did not open here. */
async function claimedPages(
  trainer: Trainer,
  round: number,
  sequences: number,
): Promise<WorkRecord['pages']> {
  const open = trainer.local.progress.round;
  if (open?.round !== round) return [];
  const assignment = assignmentIn(trainer, { round, blockHash: open.blockHash, hotkey: trainer.hotkey });
  const pages = new Map<number, WorkRecord['pages'][number]>();
  for (let k = 0, left = sequences; left > 0; k += 1) {
    const page = await assignment.page(k, AbortSignal.timeout(PAGE_LIMIT_MS));
    if (pages.has(page.index)) continue;
    const claimed = Math.min(left, page.sequences);
    pages.set(page.index, { index: page.index, sequences: claimed, sha256: hex(page.sha256) });
    left -= claimed;
  }
  return [...pages.values()];
}
