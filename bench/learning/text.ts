import type { Batch } from '../../src-worker/train/engine/engine.ts';
import { sequenceCount, sliceBatch } from '../../src-worker/train/pages/packing.ts';
import { seeded } from '../chain/seeded.ts';

/** Of the training text's windows, at its end: settings are chosen on these, so that the held-out text chose nothing. */
const VALIDATION_WINDOWS = 1_024;
/** Windows whose loss is asked for in one go. */
const SLICE = 32;

/** The windows of a text in an order drawn by a seed, each given out once. */
export class Windows {
  readonly #tokens: Uint16Array;
  readonly #context: number;
  readonly #order: Uint32Array;
  #next = 0;

  constructor(tokens: Uint16Array, context: number, seed: number) {
    this.#tokens = tokens;
    this.#context = context;
    const windows = sequenceCount(tokens.length, context) - VALIDATION_WINDOWS;
    this.#order = Uint32Array.from({ length: windows }, (_, i) => i);
    const random = seeded(seed);
    for (let i = windows - 1; i > 0; i--) {
      const j = random.below(i + 1);
      [this.#order[i], this.#order[j]] = [this.#order[j]!, this.#order[i]!];
    }
  }

  /** @throws {RangeError} at the end of the text: no window is seen twice */
  take(count: number): Batch {
    if (this.#next + count > this.#order.length) throw new RangeError('the text is at its end');
    const ids = new Uint16Array(count * this.#context);
    const targets = new Uint16Array(count * this.#context);
    for (let i = 0; i < count; i++) {
      const window = sliceBatch(this.#tokens, this.#context, this.#order[this.#next++]!, 1);
      ids.set(window.ids, i * this.#context);
      targets.set(window.targets, i * this.#context);
    }
    return { ids, targets };
  }
}

/** All windows of a text, in its order. */
function batchesOf(tokens: Uint16Array, context: number, from: number, to: number): readonly Batch[] {
  const batches: Batch[] = [];
  for (let at = from; at < to; at += SLICE)
    batches.push(sliceBatch(tokens, context, at, Math.min(SLICE, to - at)));
  return batches;
}

/** Every whole window of the held-out text. */
export const heldOutBatches = (heldOut: Uint16Array, context: number): readonly Batch[] =>
  batchesOf(heldOut, context, 0, sequenceCount(heldOut.length, context));

/** What of the training text no run here trains on. */
export function validationBatches(train: Uint16Array, context: number): readonly Batch[] {
  const windows = sequenceCount(train.length, context);
  return batchesOf(train, context, windows - VALIDATION_WINDOWS, windows);
}

/** Mean over windows, each of which weighs the same. */
export function meanLoss(batches: readonly Batch[], losses: readonly number[]): number {
  const weights = batches.map(({ ids }) => ids.length);
  const sum = losses.reduce((total, loss, i) => total + loss * weights[i]!, 0);
  return sum / weights.reduce((total, weight) => total + weight, 0);
}
