import type { Gpt2Tensor } from '../model/gpt2-names.ts';
import { PART_BYTES_MAX } from './manifest.ts';

/** Stems of the files that make up a state: the model, and the outer optimizer's momentum under the same names. */
export const stateStems = { base: 'model', momentum: 'outer' } as const;

export interface WeightsPart {
  readonly name: string;
  readonly tensors: readonly Gpt2Tensor[];
}

const FLOAT_BYTES = 4;

/**
 * Into which files the tensors of a vector go: one, or several of at most `bytesMax` in the way of Hugging Face. It
 * follows from the model alone, so whoever reads knows what has to be where.
 */
export function weightParts(
  tensors: readonly Gpt2Tensor[],
  stem: string,
  bytesMax: number = PART_BYTES_MAX,
): readonly WeightsPart[] {
  const parts: Gpt2Tensor[][] = [[]];
  let bytes = 0;
  for (const tensor of tensors) {
    const tensorBytes = FLOAT_BYTES * tensor.length;
    if (bytes > 0 && bytes + tensorBytes > bytesMax) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)!.push(tensor);
    bytes += tensorBytes;
  }
  const number = (index: number) => String(index).padStart(5, '0');
  const nameOf = (index: number) =>
    parts.length === 1
      ? `${stem}.safetensors`
      : `${stem}-${number(index + 1)}-of-${number(parts.length)}.safetensors`;
  return parts.map((part, index) => ({ name: nameOf(index), tensors: part }));
}

/** What tells other programs which file holds which tensor; there is one only of several parts. */
export function partsIndex(parts: readonly WeightsPart[], stem: string) {
  if (parts.length === 1) return null;
  const all = parts.flatMap(({ name, tensors }) => tensors.map((tensor) => ({ name, tensor })));
  const total = all.reduce((sum, { tensor }) => sum + FLOAT_BYTES * tensor.length, 0);
  return {
    name: `${stem}.safetensors.index.json`,
    content: {
      metadata: { total_size: total },
      weight_map: Object.fromEntries(all.map(({ name, tensor }) => [tensor.name, name])),
    },
  };
}
