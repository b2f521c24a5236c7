/** What is done to the flat vectors as a whole: the gradient's norm and sketch, and the optimizer's step. */
import { SKETCH_SUMS } from '../sketch.ts';
import type { AdamWCommand, SketchCommand } from './commands.ts';
import type { Lane } from './lane.ts';
import { NORM_CHUNK, normOf, type Plan } from './plan.ts';
import type { Work } from './stage.ts';

/** Chunks of the norm, or parts of the sketch, that are worth a part of their own. */
const ENOUGH_CHUNKS = 2;
/** The same for elements that an optimizer's step goes through. */
const ENOUGH_OF_STEP = 65_536;

export function normParts(plan: Plan): Work {
  return {
    ...{ total: plan.normPartCount, unit: 1, enough: ENOUGH_CHUNKS },
    run({ kernels, normParts: parts }, start, end) {
      for (let chunk = start; chunk < end; chunk++) {
        const first = chunk * NORM_CHUNK;
        const count = Math.min(NORM_CHUNK, plan.count - first);
        parts[chunk] = kernels.sumOfSquares(plan.gradient + 4 * first, count);
      }
    },
  };
}

export function sketchSums(plan: Plan, { keyA, keyB }: SketchCommand): Work {
  return {
    ...{ total: plan.sketchParts.length, unit: 1, enough: ENOUGH_CHUNKS },
    run({ kernels }, start, end) {
      for (let index = start; index < end; index++) {
        const { offset, length } = plan.sketchParts[index]!;
        const out = plan.sketchSums + 8 * SKETCH_SUMS * index;
        kernels.sketchSums(plan.gradient + 4 * offset, length, offset, keyA, keyB, out);
      }
    },
  };
}

/** A step on every tensor once the parts of the norm stand there; none where the norm is no number. */
export function adamw(plan: Plan, command: AdamWCommand): Work[] {
  const { clip, beta1, beta2, eps, lr, weightDecay, step } = command;
  const rate = lr / (1 - beta1 ** step);
  const vScale = 1 / Math.sqrt(1 - beta2 ** step);
  let norm: number | undefined;
  return plan.tensors.map(({ offset, length, decay }) => ({
    ...{ total: length, unit: 1024, enough: ENOUGH_OF_STEP },
    run(lane: Lane, start: number, end: number) {
      norm ??= normOf(lane.normParts);
      if (!Number.isFinite(norm)) return;
      const shift = 4 * (offset + start);
      lane.kernels.adamw(
        plan.parameters + shift,
        plan.gradient + shift,
        plan.m + shift,
        plan.v + shift,
        end - start,
        clip > 0 && norm > clip ? clip / norm : 1,
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        decay ? 1 - lr * weightDecay : 1,
        rate,
        vScale,
        eps,
      );
    },
  }));
}
