import type { MemoryUse } from '../../../../src-shared/contract/memory-plan.ts';
import type { ModelConfig } from '../../../../src-shared/model/layout.ts';
import { ALIGN_BYTES, type Chunk, type ChunkWindow, type Placement, type Slice } from './placement.ts';
import type { Taker, View } from './tally.ts';
import type { TokenPlaces } from './tokens.ts';
import type { Format } from './wgsl/format.ts';

/** How numbers of a vector are held; those of 16 bits are two in a word. */
export type Held = 'f32' | 'bf16' | 'f16';

/** One number of each parameter, in the chunks of the placement. */
export class Vector {
  readonly chunks: readonly View[];
  /** Of each chunk. */
  readonly held: readonly Held[];

  constructor(chunks: readonly View[], held: readonly Held[]) {
    this.chunks = chunks;
    this.held = held;
  }

  static take(taker: Taker, use: MemoryUse, chunks: readonly Chunk[], held: (chunk: Chunk) => Held): Vector {
    const all = chunks.map(held);
    const words = (elements: number, index: number) => (all[index] === 'f32' ? elements : elements / 2);
    return new Vector(
      chunks.map(({ elements }, index) => taker.floats(words(elements, index), use)),
      all,
    );
  }

  slice({ chunk, at, padded }: Slice): View {
    return this.window({ chunk, at, elements: padded });
  }

  /** A run of elements of one chunk. */
  window({ chunk, at, elements }: ChunkWindow): View {
    const bytes = this.held[chunk] === 'f32' ? 4 : 2;
    return { buffer: this.chunks[chunk]!.buffer, offset: bytes * at, size: bytes * elements };
  }
}

/**
 * What the way forward leaves for the way back, of one layer. With checkpointing `before` alone is each layer's own: the
 * rest is one for all, and computed again on the way back.
 */
export interface LayerMemory {
  readonly before: View;
  readonly ln1: View;
  readonly moments1: View;
  readonly qkv: View;
  readonly lse: View;
  readonly attended: View;
  readonly middle: View;
  readonly ln2: View;
  readonly moments2: View;
  readonly wide: View;
  readonly active: View;
}

/** A run of rows whose logits are there at the same time; its `Params` stand in a place of their own. */
export interface HeadRun {
  readonly first: number;
  readonly rows: number;
}

/** Every buffer of the engine. */
export interface Memory {
  readonly config: ModelConfig;
  readonly placement: Placement;
  /** Of weights, activations and gradients where products read them. */
  readonly format: Format;
  /** Rows of a pass at most, a multiple of 64. */
  readonly rows: number;
  readonly parameters: Vector;
  /** The parameters as passes read them: matrices and embeddings in `format`, beside the ones that are stepped. */
  readonly weights: Vector;
  /**
   * The committed base as passes read it. Where there is no room beside the parameters it stands in for what passes read
   * of them; in float16 its gains and biases have a place of their own, since the parameters stay.
   */
  readonly base: Vector;
  readonly gradient: Vector;
  readonly m: Vector;
  readonly v: Vector;
  /** What is written of a pass's tokens, and the parts of it. */
  readonly tokens: View;
  readonly tokenPlaces: TokenPlaces;
  readonly ids: View;
  readonly targets: View;
  /** Distinct tokens of the pass, where their rows begin, the rows: for the way back of the embedding. */
  readonly distinct: View;
  readonly starts: View;
  readonly order: View;
  readonly isCheckpointed: boolean;
  readonly layers: readonly LayerMemory[];
  readonly residual: View;
  readonly final: View;
  readonly momentsFinal: View;
  readonly logits: View;
  readonly head: readonly HeadRun[];
  /** Each row's loss, and the sum of each pass. */
  readonly losses: View;
  readonly lossSlots: View;
  readonly dResidual: View;
  /** The same in `format`, for the products that read it. */
  readonly dFactor: View;
  readonly dNormed: View;
  readonly dAttended: View;
  readonly dQkv: View;
  readonly dWide: View;
  readonly delta: View;
  readonly columnParts: View;
  readonly normParts: View;
  readonly decision: View;
  /** Raised where a number did not fit into float16. */
  readonly overflow: View;
  /** The loss scale, its inverse, and how many steps in a row it has been right for. */
  readonly lossScale: View;
  /** What the sums of a sketch are taken over, with which keys, and the sums. */
  readonly sketchJobs: View;
  readonly sketchKeys: View;
  readonly sketchSums: View;
  /** A `Params` for all rows, then one for each run of the head. */
  readonly params: View;
  readonly step: View;
  /** Of each window over the parameters: elements, first place among `normParts`, elements before it. */
  readonly spans: View;
}

/** Bytes of one place in a uniform buffer. */
export const PLACE_BYTES = ALIGN_BYTES;

/** A part of a view, as a shader sees it. */
export const within = ({ buffer, offset }: View, byteOffset: number, size: number): View => ({
  buffer,
  offset: offset + byteOffset,
  size,
});

/** What the size of the memory follows from, beside the limits of the device. */
export interface MemoryShape {
  readonly config: ModelConfig;
  /** Sequences of a micro-batch at most, which takes as many passes as it needs. */
  readonly maxSequences: number;
  /** Sequences of a pass at most. */
  readonly passSequences: number;
  readonly isCheckpointed: boolean;
  /** Whether the committed base has room of its own: without it, it stands in for the parameters while it is asked for. */
  readonly hasBaseBeside: boolean;
  /** Whether moments are held in 16 bits. */
  readonly hasHalfMoments: boolean;
  /** Of what products multiply. */
  readonly format: Format;
}
