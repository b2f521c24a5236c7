import { randomFillSync } from 'node:crypto';
import type { Trainer } from '../loop/trainer.ts';
import type { Slices } from '../slices.ts';
import { norm } from '../state/algebra.ts';
import { extentOf } from '../state/replica.ts';
import { inMemory, whole } from '../vector-source.ts';

/**
 * Moves the local weights so that what is offered from them is another vector. Holds the engine's turn.
 * @param other writes the values into the honest offer's place
 */
export async function offerInstead(
  { local, replica }: Trainer,
  other: (offer: Float32Array) => Promise<void>,
): Promise<void> {
  const { elements, slices } = replica;
  const { residueDecay } = extentOf(replica);
  const base = await whole(replica.base, elements);
  const weights = local.weights();
  const offer = weights ? await whole(weights, elements) : base.slice();
  const owed = replica.residue ? await whole(replica.residue, elements) : new Float32Array(elements);
  // base - local + what counts of the residue is what goes out.
  await slices.each(elements, (from, to) => {
    for (let i = from; i < to; i += 1) offer[i] = base[i]! - offer[i]! + residueDecay * owed[i]!;
  });
  await other(offer);
  await slices.each(elements, (from, to) => {
    for (let i = from; i < to; i += 1) offer[i] = base[i]! + residueDecay * owed[i]! - offer[i]!;
  });
  await local.move(inMemory(offer));
}

/** Offers noise of the group's median norm, or of one that a round of AdamW may well have. */
export async function offerNoise(trainer: Trainer, medianNorm: number | null): Promise<void> {
  const { slices, elements } = trainer.replica;
  const noise = await gaussian(slices, elements);
  const scale = (medianNorm ?? plausibleNorm(trainer)) / (await norm(slices, noise));
  await offerInstead(trainer, (offer) =>
    slices.each(elements, (from, to) => {
      for (let i = from; i < to; i += 1) offer[i] = noise[i]! * scale;
    }),
  );
}

/** Before the first roster: as if every step of AdamW had moved every weight by a tenth of its rate, as in a walk. */
const plausibleNorm = ({ consensus: { inner }, replica }: Trainer): number =>
  0.1 * inner.lr * Math.sqrt(replica.elements * inner.maxStepsPerRound);

/** Roughly normal numbers: the mean of four uniform ones would do for anybody who looks at their histogram only. */
export async function gaussian(slices: Slices, length: number): Promise<Float32Array> {
  const values = new Float32Array(length);
  await slices.each(length, (from, to) => {
    const draws = new Int16Array(4 * (to - from));
    randomFillSync(draws);
    for (let i = from; i < to; i += 1)
      for (let k = 0; k < 4; k += 1) values[i]! += draws[4 * (i - from) + k]! / 32_768;
  });
  return values;
}
