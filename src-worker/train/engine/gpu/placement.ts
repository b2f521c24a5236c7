import {
  type ModelConfig,
  type ParameterName,
  parameterLayout,
} from '../../../../src-shared/model/layout.ts';

/** Bytes that a bound window begins at a multiple of, on every adapter. */
export const ALIGN_BYTES = 256;
/** Elements that a slice or a window begins at a multiple of, so that numbers of 16 bits are bound as those of 32 are. */
const ALIGN = ALIGN_BYTES / 2;

/**
 * A run of a tensor that lies in one piece: a layer's part of it, or a shard of the embedding. Elements beyond `length`
 * are padding and stay zero.
 */
export interface Slice {
  readonly name: ParameterName;
  /** Its layer; its shard for the embedding. */
  readonly index: number;
  /** First element in the flat vector. */
  readonly flat: number;
  readonly length: number;
  /** Elements with padding, a multiple of 128. */
  readonly padded: number;
  readonly chunk: number;
  /** First element in its chunk. */
  readonly at: number;
}

/** A buffer of slices that decay alike. */
export interface Chunk {
  readonly elements: number;
  readonly isDecayed: boolean;
}

export interface Placement {
  readonly slices: readonly Slice[];
  readonly chunks: readonly Chunk[];
  /** Tokens of one shard of the embedding, but for the last one: as many as make its columns of the logits begin well. */
  readonly shardTokens: number;
}

/** Tensors of the whole model; the others have a part for each layer. */
const SINGLE: ReadonlySet<ParameterName> = new Set(['wte', 'wpe', 'lnfw', 'lnfb']);

/** Tokens of the embedding with padding: a multiple of 64. */
export const paddedVocab = (vocab: number): number => Math.ceil(vocab / 64) * 64;

/**
 * Where each parameter lies: in chunks that one buffer can hold, no slice longer than a shader can see at once. The
 * same for weights, gradient and moments.
 * @param limits bytes of a buffer and of a window
 */
export function placeParameters(
  config: ModelConfig,
  limits: { readonly bufferBytes: number; readonly bindingBytes: number },
): Placement {
  const { width, vocab, layers } = config;
  const shardTokens = Math.min(paddedVocab(vocab), Math.floor(limits.bindingBytes / (4 * width) / 128) * 128);
  const chunks: { elements: number; isDecayed: boolean }[] = [];
  const open = new Map<boolean, number>();
  const room = (padded: number, isDecayed: boolean): { chunk: number; at: number } => {
    let chunk = open.get(isDecayed);
    if (chunk === undefined || 4 * (chunks[chunk]!.elements + padded) > limits.bufferBytes) {
      chunk = chunks.push({ elements: 0, isDecayed }) - 1;
      open.set(isDecayed, chunk);
    }
    const at = chunks[chunk]!.elements;
    chunks[chunk]!.elements += padded;
    return { chunk, at };
  };
  const slices = parameterLayout(config).flatMap(({ name, offset, length, decay }): Slice[] => {
    const isEmbedding = name === 'wte';
    const size = isEmbedding ? shardTokens * width : SINGLE.has(name) ? length : length / layers;
    return Array.from({ length: Math.ceil(length / size) }, (_, index) => {
      const own = Math.min(size, length - index * size);
      // The head multiplies with whole tiles of tokens.
      const padded = isEmbedding
        ? Math.ceil(own / (64 * width)) * 64 * width
        : Math.ceil(own / ALIGN) * ALIGN;
      return { name, index, flat: offset + index * size, length: own, padded, ...room(padded, decay) };
    });
  });
  return { slices, chunks, shardTokens };
}

/** A part of a slice, for work that goes over a range of the flat vector. */
export interface Stretch {
  readonly slice: Slice;
  /** First element in the slice. */
  readonly from: number;
  readonly length: number;
  /** First element in the flat vector. */
  readonly flat: number;
}

/** The slices that hold the elements [offset, offset + length) of the flat vector, in order. */
export function stretches({ slices }: Placement, offset: number, length: number): Stretch[] {
  return slices.flatMap((slice) => {
    const flat = Math.max(offset, slice.flat);
    const end = Math.min(offset + length, slice.flat + slice.length);
    return end > flat ? [{ slice, from: flat - slice.flat, length: end - flat, flat }] : [];
  });
}

export interface ChunkWindow {
  readonly chunk: number;
  readonly at: number;
  readonly elements: number;
}

/** All chunks in windows for work that takes elements one by one. */
export function windows({ chunks }: Placement, windowBytes: number): ChunkWindow[] {
  const size = Math.floor(windowBytes / (4 * ALIGN)) * ALIGN;
  return chunks.flatMap(({ elements }, chunk) =>
    Array.from({ length: Math.ceil(elements / size) }, (_, i) => ({
      chunk,
      at: i * size,
      elements: Math.min(size, elements - i * size),
    })),
  );
}
