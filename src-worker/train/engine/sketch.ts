import { sha256 } from '@noble/hashes/sha2.js';
import type { ParameterTensor } from '../../../src-shared/model/layout.ts';
import { SKETCH_PROJECTIONS } from '../../../src-shared/scoring/gradient.ts';

/**
 * A gradient in 32 numbers: the sum of absolute values of each tensor, then `SKETCH_PROJECTIONS` sums of the
 * whole gradient with random signs, divided by the root of their number, so that the distance of two such
 * sketches estimates the distance of the gradients. Signs follow from a seed by integer arithmetic.
 *
 * Every engine sums where its gradient lies: in parts, each of one tensor and at most `SKETCH_PART` elements, whose
 * sums alone leave it. Within a part an engine may add as suits it; parts are added in float64 and in order, so equal
 * gradients on equal engines have equal sketches, and different engines differ by their rounding alone.
 */
export const SKETCH_PART = 65_536;

/** Numbers that a part leaves: its sum of absolute values, then its projections, not divided yet. */
export const SKETCH_SUMS = 1 + SKETCH_PROJECTIONS;

export type SketchPart = {
  /** Place of its tensor in the layout. */
  readonly tensor: number;
  /** First element, in the flat vector. */
  readonly offset: number;
  readonly length: number;
};

/** Cuts a flat vector at tensors and at every `SKETCH_PART` elements of one. */
export function sketchParts(layout: readonly ParameterTensor[]): SketchPart[] {
  return layout.flatMap(({ offset, length }, tensor) =>
    Array.from({ length: Math.ceil(length / SKETCH_PART) }, (_, i) => ({
      tensor,
      offset: offset + i * SKETCH_PART,
      length: Math.min(SKETCH_PART, length - i * SKETCH_PART),
    })),
  );
}

/** The two words that an element's signs are made with: bit k of `mix(mix(index ^ A) + B)` set means minus. */
export function sketchKeys(seed: Uint8Array): readonly [number, number] {
  const words = new DataView(sha256(seed).buffer);
  return [words.getUint32(0, true), words.getUint32(4, true)];
}

/** @param sums `SKETCH_SUMS` numbers for each part, in order */
export function sketchOfSums(
  layout: readonly ParameterTensor[],
  parts: readonly SketchPart[],
  sums: ArrayLike<number>,
): number[] {
  const sketch = new Array<number>(layout.length + SKETCH_PROJECTIONS).fill(0);
  parts.forEach(({ tensor }, index) => {
    const at = index * SKETCH_SUMS;
    sketch[tensor]! += sums[at]!;
    for (let k = 0; k < SKETCH_PROJECTIONS; k++) sketch[layout.length + k]! += sums[at + 1 + k]!;
  });
  for (let k = layout.length; k < sketch.length; k++) sketch[k]! /= Math.sqrt(SKETCH_PROJECTIONS);
  return sketch;
}

/** The sketch of a gradient that is at hand whole, in float64: what engines are compared with. */
export function sketchGradient(
  gradient: ArrayLike<number>,
  layout: readonly ParameterTensor[],
  seed: Uint8Array,
): number[] {
  const keys = sketchKeys(seed);
  const parts = sketchParts(layout);
  const sums = new Float64Array(parts.length * SKETCH_SUMS);
  parts.forEach((part, index) => {
    addPart(gradient, part, keys, sums.subarray(index * SKETCH_SUMS, (index + 1) * SKETCH_SUMS));
  });
  return sketchOfSums(layout, parts, sums);
}

function addPart(
  gradient: ArrayLike<number>,
  { offset, length }: SketchPart,
  [keyA, keyB]: readonly [number, number],
  sums: Float64Array,
): void {
  for (let i = offset; i < offset + length; i++) {
    const value = gradient[i]!;
    const signs = mix(mix(i ^ keyA) + keyB);
    sums[0]! += Math.abs(value);
    for (let k = 0; k < SKETCH_PROJECTIONS; k++) sums[1 + k]! += value * (1 - 2 * ((signs >>> k) & 1));
  }
}

/** A bijection of 32-bit numbers that spreads every bit (the finaliser of MurmurHash3). */
function mix(x: number): number {
  let h = x >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
