import { randomFillSync } from 'node:crypto';
import { SKETCH_PROJECTIONS } from '../../../src-shared/scoring/gradient.ts';
import type { WorkRecord } from '../../../src-shared/spool.ts';
import { hex } from '../../../src-shared/units.ts';
import type { Labour } from '../loop/labour.ts';
import { assignmentIn, type Trainer } from '../loop/trainer.ts';
import type { RoundProgress } from '../state/progress.ts';

/**
 * A worker that wants the pay without the work: it offers noise of the group's median norm and claims every step,
 * with the right pages and made-up sketches. Everything around it is honest, so only the gradient check finds it.
 */
export const freeRiderLabour: Labour = {
  run: async () => {},
  async close(trainer, round, medianNorm) {
    const { local, replica } = trainer;
    const noise = gaussian(replica.elements);
    const scale = (medianNorm ?? plausibleNorm(trainer)) / lengthOf(noise);
    // What is offered is base - local + residue: these weights make it the noise.
    const parameters = replica.base.map(
      (value, i) => value + (replica.residue?.[i] ?? 0) - noise[i]! * scale,
    );
    await local.move(parameters);
    return claim(trainer, round);
  },
};

/** Before the first roster: as if every step of AdamW had moved every weight by a tenth of its rate, as in a walk. */
const plausibleNorm = ({ consensus: { inner }, replica }: Trainer): number =>
  0.1 * inner.lr * Math.sqrt(replica.elements * inner.maxStepsPerRound);

async function claim(trainer: Trainer, round: number): Promise<WorkRecord> {
  const { consensus, hotkey, local } = trainer;
  const { maxStepsPerRound, microBatchesPerStep, sequencesPerMicroBatch } = consensus.inner;
  const open = local.progress.round?.round === round ? local.progress.round : null;
  const sequences = maxStepsPerRound * microBatchesPerStep * sequencesPerMicroBatch;
  const sketchLength = trainer.engine.layout.length + SKETCH_PROJECTIONS;
  return {
    round,
    hotkey,
    pages: open ? await claimedPages(trainer, open, sequences) : [],
    steps: maxStepsPerRound,
    sequences,
    sketches: Array.from({ length: microBatchesPerStep }, () => Array.from(gaussian(sketchLength), Math.abs)),
  };
}

async function claimedPages(trainer: Trainer, { round, blockHash }: RoundProgress, sequences: number) {
  const assignment = assignmentIn(trainer, { round, blockHash, hotkey: trainer.hotkey });
  const pages: WorkRecord['pages'] = [];
  for (let k = 0, left = sequences; left > 0; k += 1) {
    const page = await assignment.page(k, AbortSignal.timeout(PAGE_LIMIT_MS));
    pages.push({ index: page.index, sequences: Math.min(left, page.sequences), sha256: hex(page.sha256) });
    left -= page.sequences;
  }
  return pages;
}

/** A page comes from memory or from disk. */
const PAGE_LIMIT_MS = 10_000;

/** Roughly normal numbers: the mean of four uniform ones would do for anybody who looks at their histogram only. */
function gaussian(length: number): Float32Array {
  const draws = new Int16Array(4 * length);
  randomFillSync(draws);
  const values = new Float32Array(length);
  for (let i = 0; i < length; i += 1) for (let k = 0; k < 4; k += 1) values[i]! += draws[4 * i + k]! / 32_768;
  return values;
}

function lengthOf(vector: Float32Array): number {
  let sum = 0;
  for (const value of vector) sum += value * value;
  return Math.sqrt(sum);
}
