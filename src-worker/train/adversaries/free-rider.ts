import { randomFillSync } from 'node:crypto';
import { SKETCH_PROJECTIONS } from '../../../src-shared/scoring/gradient.ts';
import type { WorkRecord } from '../../../src-shared/spool.ts';
import { hex } from '../../../src-shared/units.ts';
import type { Labour } from '../loop/labour.ts';
import { assignmentIn, type Trainer } from '../loop/trainer.ts';
import type { Slices } from '../slices.ts';
import { norm } from '../state/algebra.ts';
import type { RoundProgress } from '../state/progress.ts';
import { inMemory } from '../state/vector-source.ts';

/**
 * A worker that wants the pay without the work: it offers noise of the group's median norm and claims every step,
 * with the right pages and made-up sketches. Everything around it is honest, so only the gradient check finds it.
 */
export const freeRiderLabour: Labour = {
  run: async () => {},
  async close(trainer, round, medianNorm) {
    const { local, replica } = trainer;
    const { base, residue, slices } = replica;
    // What is offered is base - local + residue: these weights make it the noise.
    const parameters = await gaussian(slices, replica.elements);
    const scale = (medianNorm ?? plausibleNorm(trainer)) / (await norm(slices, parameters));
    const owed = new Float32Array(replica.elements);
    await residue?.read(owed, 0);
    await slices.each(parameters.length, (from, to) => {
      for (let i = from; i < to; i += 1) parameters[i] = base[i]! + owed[i]! - parameters[i]! * scale;
    });
    await local.move(inMemory(parameters));
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
  const { slices } = trainer.replica;
  const sketchLength = trainer.engine.layout.length + SKETCH_PROJECTIONS;
  const sketches: number[][] = [];
  for (let i = 0; i < microBatchesPerStep; i += 1)
    sketches.push(Array.from(await gaussian(slices, sketchLength), Math.abs));
  return {
    round,
    hotkey,
    pages: open ? await claimedPages(trainer, open, sequences) : [],
    steps: maxStepsPerRound,
    sequences,
    sketches,
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
async function gaussian(slices: Slices, length: number): Promise<Float32Array> {
  const values = new Float32Array(length);
  await slices.each(length, (from, to) => {
    const draws = new Int16Array(4 * (to - from));
    randomFillSync(draws);
    for (let i = from; i < to; i += 1)
      for (let k = 0; k < 4; k += 1) values[i]! += draws[4 * (i - from) + k]! / 32_768;
  });
  return values;
}
