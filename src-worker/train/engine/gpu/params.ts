import { type Memory, PLACE_BYTES } from './memory.ts';
import { rowsInRun } from './passes/head.ts';

/** What changes from one pass to the next, beside its tokens: see `Params` of the kernels. */
export interface PassPlace {
  /** Of its loss. */
  readonly slot: number;
  readonly scale: number;
  readonly share: number;
}

/** A `Params` for all rows of a pass, then one for each run of the head, with a loss scale of 1. */
export function paramsOf(
  { head, config }: Memory,
  rows: number,
  { slot, scale, share }: PassPlace,
): Uint32Array {
  const places = [rows, ...head.map((run) => rowsInRun(run, rows))];
  const words = new Uint32Array((places.length * PLACE_BYTES) / 4);
  const factors = new Float32Array(words.buffer);
  for (const [place, own] of places.entries()) {
    const at = (place * PLACE_BYTES) / 4;
    words.set([own, rows / config.context, slot], at);
    factors.set([scale, share, 1, 1], at + 3);
  }
  return words;
}
