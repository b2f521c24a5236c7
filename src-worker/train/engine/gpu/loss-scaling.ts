import type { LossScale, LossScaling } from '../engine.ts';
import type { Arena } from './arena.ts';
import type { Queue } from './queue.ts';
import type { View } from './tally.ts';
import { FIRST_LOSS_SCALE, GOOD_STEPS, LARGEST_LOSS_SCALE, LEAST_LOSS_SCALE } from './wgsl/optimizer.ts';

const FIRST: LossScale = { scale: FIRST_LOSS_SCALE, fittedSteps: 0 };

/** The loss scale where it lives: four words of the device, which changes three of them with each step. */
export class GpuLossScaling implements LossScaling {
  readonly #queue: Queue;
  readonly #arena: Arena;
  readonly #view: View;

  constructor(queue: Queue, arena: Arena, view: View) {
    this.#queue = queue;
    this.#arena = arena;
    this.#view = view;
  }

  async read(): Promise<LossScale> {
    const [scale, , fittedSteps] = await this.#queue.read(this.#arena, this.#view, 4);
    return { scale: scale!, fittedSteps: fittedSteps! };
  }

  write(kept: LossScale | null): void {
    const { scale, fittedSteps } = kept && isReachable(kept) ? kept : FIRST;
    this.#queue.write32(this.#arena, this.#view, Float32Array.of(scale, 1 / scale, fittedSteps, 0));
  }
}

/** Whether a device can have come to it: only powers of two have an exact inverse. */
const isReachable = ({ scale, fittedSteps }: LossScale): boolean =>
  Number.isInteger(Math.log2(scale)) &&
  scale >= LEAST_LOSS_SCALE &&
  scale <= LARGEST_LOSS_SCALE &&
  fittedSteps <= GOOD_STEPS;
