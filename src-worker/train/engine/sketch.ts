import { sha256 } from '@noble/hashes/sha2.js';
import type { ParameterTensor } from '../../../src-shared/model/layout.ts';
import { SKETCH_PROJECTIONS } from '../../../src-shared/scoring/gradient.ts';

/** Elements whose random bits are drawn at once: they and the gradient's part stay in the first cache. */
const BLOCK = 2_048;

/**
 * A gradient in 32 numbers: the sum of absolute values of each tensor, then `SKETCH_PROJECTIONS` sums of the
 * whole gradient with random signs, divided by the root of their number, so that the distance of two such
 * sketches estimates the distance of the gradients. Signs follow from `seed` by integer arithmetic. Sums are
 * float64 in one order: equal gradients have equal sketches.
 */
export function sketchGradient(
  gradient: Float32Array,
  layout: readonly ParameterTensor[],
  seed: Uint8Array,
): Float64Array {
  const sketch = new Float64Array(layout.length + SKETCH_PROJECTIONS);
  layout.forEach(({ offset, length }, index) => {
    let sum = 0;
    for (let i = offset; i < offset + length; i++) sum += Math.abs(gradient[i]!);
    sketch[index] = sum;
  });
  const projections = sketch.subarray(layout.length);
  const keys = new DataView(sha256(seed).buffer);
  const [keyA, keyB] = [keys.getUint32(0, true), keys.getUint32(4, true)];
  const signs = new Uint32Array(BLOCK);
  for (let start = 0; start < gradient.length; start += BLOCK) {
    const block = gradient.subarray(start, start + BLOCK);
    for (let i = 0; i < block.length; i++) signs[i] = mix(mix((start + i) ^ keyA) + keyB);
    addProjections(projections, block, signs);
  }
  for (let k = 0; k < SKETCH_PROJECTIONS; k++) projections[k]! /= Math.sqrt(SKETCH_PROJECTIONS);
  return sketch;
}

/** Bit k of an element's word is its sign in projection k. */
function addProjections(projections: Float64Array, block: Float32Array, signs: Uint32Array): void {
  for (let k = 0; k < projections.length; k++) {
    let sum = 0;
    for (let i = 0; i < block.length; i++) sum += block[i]! * (1 - 2 * ((signs[i]! >>> k) & 1));
    projections[k]! += sum;
  }
}

/** A bijection of 32-bit numbers that spreads every bit (the finaliser of MurmurHash3). */
function mix(x: number): number {
  let h = x >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
