import type { MemoryUse } from '../../../../src-shared/contract/memory-plan.ts';
import type { ModelConfig } from '../../../../src-shared/model/layout.ts';
import { LOGITS_BYTES, MAX_MICRO_BATCHES, STREAM_BYTES } from '../limits.ts';
import { SKETCH_SUMS } from '../sketch.ts';
import type { GpuDevice } from './device.ts';
import {
  ALIGN_BYTES,
  type Chunk,
  type ChunkWindow,
  type Placement,
  paddedVocab,
  placeParameters,
  type Slice,
  windows,
} from './placement.ts';
import type { Taker, View } from './tally.ts';
import { type TokenPlaces, tokenPlaces } from './tokens.ts';
import { COLUMN_PARTS, sumsOf } from './wgsl/columns.ts';
import { BYTES, type Format } from './wgsl/format.ts';
import { NORM_SPAN } from './wgsl/optimizer.ts';

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

/**
 * Takes all that an engine of this model needs on the device.
 * @param sketchParts number of places for the sums of sketches
 */
export function takeMemory(
  taker: Taker,
  limits: GpuDevice['limits'],
  shape: MemoryShape,
  sketchParts: (placement: Placement) => number,
): Memory {
  const { config, maxSequences, passSequences, isCheckpointed, hasBaseBeside, hasHalfMoments, format } =
    shape;
  const { width, heads, context, vocab } = config;
  const placement = placeParameters(config, limits);
  const rows = Math.ceil((passSequences * context) / 64) * 64;
  const vector = (use: MemoryUse, held: (chunk: Chunk) => Held = () => 'f32') =>
    Vector.take(taker, use, placement.chunks, held);
  const moments: Held = hasHalfMoments ? 'bf16' : 'f32';
  const parameters = vector('weights');
  const weights = format === 'f32' ? parameters : shadowOf(parameters, placement, taker);
  const kept = (elements: number) => taker.floats(elements, 'activations');
  const scratch = (elements: number) => taker.floats(elements, 'scratch');
  /** Words of so many numbers that products multiply. */
  const words = (elements: number) => (elements * BYTES[format]) / 4;
  const columns = paddedVocab(vocab);
  const head = headRuns(rows, Math.min(limits.bindingBytes, LOGITS_BYTES), columns * BYTES[format]);
  const dResidual = scratch(rows * width);
  const places = tokenPlaces(rows);
  const tokens = scratch(places.words);
  const jobs = sketchParts(placement);
  const streams = windows(placement, STREAM_BYTES).length;
  const elements = placement.chunks.reduce((sum, chunk) => sum + chunk.elements, 0);
  return {
    config,
    placement,
    format,
    rows,
    parameters,
    weights,
    base: hasBaseBeside
      ? vector('weights', (chunk) => (chunk.isDecayed ? format : 'f32'))
      : inPlaceOf(weights, parameters, placement, taker),
    gradient: vector('gradient'),
    m: vector('optimizer', () => moments),
    v: vector('optimizer', () => moments),
    tokens,
    tokenPlaces: places,
    ids: within(tokens, 4 * places.ids, 4 * rows),
    targets: within(tokens, 4 * places.targets, 4 * rows),
    distinct: within(tokens, 4 * places.distinct, 4 * (rows + 1)),
    starts: within(tokens, 4 * places.starts, 4 * (rows + 1)),
    order: within(tokens, 4 * places.order, 4 * rows),
    isCheckpointed,
    layers: takeLayers(kept, words, { config, rows, isCheckpointed }),
    residual: kept(rows * width),
    final: kept(words(rows * width)),
    momentsFinal: kept(rows * 2),
    logits: scratch(words(head[0]!.rows * columns)),
    head,
    losses: scratch(rows),
    lossSlots: scratch(MAX_MICRO_BATCHES * Math.ceil(maxSequences / passSequences)),
    dResidual,
    dFactor: format === 'f32' ? dResidual : scratch(words(rows * width)),
    dNormed: scratch(rows * width),
    dAttended: scratch(rows * width),
    dQkv: scratch(words(rows * 3 * width)),
    dWide: scratch(words(rows * 4 * width)),
    delta: scratch(rows * heads),
    // The widest are those of a product of four widths, one of a width, and a norm.
    columnParts: scratch(COLUMN_PARTS * sumsOf({ biases: [width, 4 * width], width })),
    normParts: scratch(Math.ceil(elements / NORM_SPAN) + streams),
    decision: scratch(4),
    overflow: scratch(1),
    lossScale: scratch(4),
    sketchJobs: scratch(4 * jobs),
    sketchKeys: taker.uniforms(PLACE_BYTES * streams),
    sketchSums: scratch(SKETCH_SUMS * jobs),
    params: taker.uniforms(PLACE_BYTES * (1 + head.length)),
    step: taker.uniforms(64),
    spans: taker.uniforms(PLACE_BYTES * streams),
  };
}

/** Matrices and embeddings once more, as float16; gains and biases are the parameters' own. */
function shadowOf(parameters: Vector, { chunks }: Placement, taker: Taker): Vector {
  return new Vector(
    chunks.map(({ isDecayed, elements }, index) =>
      isDecayed ? taker.floats(elements / 2, 'weights') : parameters.chunks[index]!,
    ),
    chunks.map(({ isDecayed }) => (isDecayed ? 'f16' : 'f32')),
  );
}

/** The base where passes read the parameters, but for what the parameters themselves would lose by it. */
function inPlaceOf(weights: Vector, parameters: Vector, { chunks }: Placement, taker: Taker): Vector {
  if (weights === parameters) return parameters;
  return new Vector(
    chunks.map(({ elements }, index) =>
      weights.chunks[index] === parameters.chunks[index]
        ? taker.floats(elements, 'weights')
        : weights.chunks[index]!,
    ),
    weights.held,
  );
}

function takeLayers(
  kept: (elements: number) => View,
  words: (elements: number) => number,
  { config, rows, isCheckpointed }: Pick<Memory, 'config' | 'rows' | 'isCheckpointed'>,
): LayerMemory[] {
  const { layers, width, heads } = config;
  const within = () => ({
    ln1: kept(words(rows * width)),
    moments1: kept(rows * 2),
    qkv: kept(words(rows * 3 * width)),
    lse: kept(rows * heads),
    attended: kept(words(rows * width)),
    middle: kept(rows * width),
    ln2: kept(words(rows * width)),
    moments2: kept(rows * 2),
    wide: kept(words(rows * 4 * width)),
    active: kept(words(rows * 4 * width)),
  });
  const live = isCheckpointed ? within() : null;
  return Array.from({ length: layers }, () => ({ before: kept(rows * width), ...(live ?? within()) }));
}

/** Rows cut so that the logits of one run fit into `bytes`; each run is of whole tiles. */
function headRuns(rows: number, bytes: number, rowBytes: number): HeadRun[] {
  const size = Math.min(rows, Math.max(64, Math.floor(bytes / rowBytes / 64) * 64));
  return Array.from({ length: Math.ceil(rows / size) }, (_, i) => ({
    first: i * size,
    rows: Math.min(size, rows - i * size),
  }));
}
