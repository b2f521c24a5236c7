import { type ModelConfig, type ParameterName, parameterLayout } from '../model/layout.ts';
import { SPARSE_BLOCK } from './top-k.ts';

/** Values of one chunk that are encoded alike. */
export interface Run {
  /** First element, counted from the chunk's. */
  readonly from: number;
  readonly length: number;
  /** Whether all of them belong to one weight matrix; else they are norms, embeddings or biases. */
  readonly isMatrix: boolean;
}

const MATRICES: readonly ParameterName[] = ['qkvw', 'attprojw', 'fcw', 'fcprojw'];

/** Elements of the flat vector that belong to weight matrices, in order. */
export type Matrices = readonly { readonly from: number; readonly to: number }[];

export const matricesOf = (model: ModelConfig): Matrices =>
  parameterLayout(model)
    .filter(({ name }) => MATRICES.includes(name))
    .map(({ offset, length }) => ({ from: offset, to: offset + length }));

/**
 * The grid of chunks crosses tensors, so low tiers go by blocks of 4,096 elements counted from the chunk's first: a
 * block that lies in a matrix as a whole is coarse, one that holds a single element of anything else is not. Equal
 * neighbours are one run.
 * @param start the chunk's first element in the flat vector
 * @param length its elements
 */
export function runsOf(matrices: Matrices, start: number, length: number): Run[] {
  const runs: Run[] = [];
  for (let from = 0; from < length; from += SPARSE_BLOCK) {
    const size = Math.min(SPARSE_BLOCK, length - from);
    const first = start + from;
    const isMatrix = matrices.some((matrix) => first >= matrix.from && first + size <= matrix.to);
    const last = runs.at(-1);
    if (last?.isMatrix === isMatrix) runs[runs.length - 1] = { ...last, length: last.length + size };
    else runs.push({ from, length: size, isMatrix });
  }
  return runs;
}
