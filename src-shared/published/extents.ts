import { gpt2Tensors } from '../model/gpt2-names.ts';
import { type ModelConfig, parameterCount } from '../model/layout.ts';
import { stateStems, weightParts } from './weight-parts.ts';

/** Bytes of a file that are asked for at once: some seconds of a home line, and what one failure costs. */
export const EXTENT_BYTES = 16 * 1024 * 1024;

const FLOAT_BYTES = 4;

/** Part of a tensor in a file, and where its numbers lie in the flat state. All positions and lengths in bytes. */
export interface ExtentSegment {
  readonly tensor: string;
  /** From the tensor's first byte in its file. */
  readonly from: number;
  readonly bytes: number;
  /** In the state: base, then outer momentum. */
  readonly at: number;
  /** A matrix that lies in the file as [inputs, outputs] and in the state as [outputs, inputs]; it is never cut. */
  readonly turned: { readonly inputs: number; readonly outputs: number } | null;
}

/** Neighbouring bytes of one file of a published state, which one request brings. */
export interface Extent {
  readonly file: string;
  readonly segments: readonly ExtentSegment[];
}

/**
 * How a published state is read by parts: extents of its files that together hold every number once. It follows from the
 * model alone, so all who speak of extent k mean the same. Matrices are whole in one extent, because a published one
 * lies the other way round; what is longer and lies the same way is cut.
 */
export function stateExtents(config: ModelConfig): readonly Extent[] {
  const tensors = gpt2Tensors(config);
  const vectorBytes = FLOAT_BYTES * parameterCount(config);
  return (['base', 'momentum'] as const).flatMap((vector, index) =>
    weightParts(tensors, stateStems[vector]).flatMap(({ name, tensors: within }) => {
      const segments = within.flatMap(({ name: tensor, offset, length, shape, transposed }) => {
        const [inputs = 0, outputs = 0] = shape;
        const whole = { tensor, at: index * vectorBytes + FLOAT_BYTES * offset, bytes: FLOAT_BYTES * length };
        return transposed ? [{ ...whole, from: 0, turned: { inputs, outputs } }] : cut(whole);
      });
      return together(segments).map((group) => ({ file: name, segments: group }));
    }),
  );
}

function cut(whole: Pick<ExtentSegment, 'tensor' | 'at' | 'bytes'>): ExtentSegment[] {
  const { tensor, at, bytes } = whole;
  return Array.from({ length: Math.ceil(bytes / EXTENT_BYTES) }, (_, i) => {
    const from = i * EXTENT_BYTES;
    return { tensor, from, at: at + from, bytes: Math.min(EXTENT_BYTES, bytes - from), turned: null };
  });
}

/** Neighbours in a file, as many as one extent holds. */
function together(segments: readonly ExtentSegment[]): ExtentSegment[][] {
  const groups: ExtentSegment[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const segment of segments) {
    if (bytes + segment.bytes > EXTENT_BYTES) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(segment);
    bytes += segment.bytes;
  }
  return groups;
}
