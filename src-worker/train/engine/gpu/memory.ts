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
import { COLUMN_PARTS } from './wgsl/columns.ts';
import type { Format } from './wgsl/format.ts';
import { NORM_SPAN } from './wgsl/optimizer.ts';

/** One number of each parameter, in the chunks of the placement. */
export class Vector {
  readonly chunks: readonly View[];
  /** Whether its numbers have 16 bits, two in a word. */
  readonly isHalf: boolean;

  constructor(
    taker: Taker,
    use: MemoryUse,
    chunks: readonly Chunk[],
    { isHalf }: { readonly isHalf: boolean },
  ) {
    this.chunks = chunks.map(({ elements }) => taker.floats(isHalf ? elements / 2 : elements, use));
    this.isHalf = isHalf;
  }

  slice({ chunk, at, padded }: Slice): View {
    return this.window({ chunk, at, elements: padded });
  }

  /** A run of elements of one chunk. */
  window({ chunk, at, elements }: ChunkWindow): View {
    const bytes = this.isHalf ? 2 : 4;
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
  /** The committed base beside the parameters; these themselves where there is no room for it, and they make way. */
  readonly base: Vector;
  readonly gradient: Vector;
  readonly m: Vector;
  readonly v: Vector;
  readonly ids: View;
  readonly targets: View;
  /** Distinct tokens of the micro-batch, where their rows begin, the rows: for the way back of the embedding. */
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
  readonly dNormed: View;
  readonly dAttended: View;
  readonly dQkv: View;
  readonly dWide: View;
  readonly delta: View;
  readonly columnParts: View;
  readonly normParts: View;
  readonly decision: View;
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
  const { config, maxSequences, passSequences, isCheckpointed, hasBaseBeside, hasHalfMoments } = shape;
  const { width, heads, context, vocab } = config;
  const placement = placeParameters(config, limits);
  const rows = Math.ceil((passSequences * context) / 64) * 64;
  const vector = (use: MemoryUse, isHalf = false) => new Vector(taker, use, placement.chunks, { isHalf });
  const kept = (elements: number) => taker.floats(elements, 'activations');
  const scratch = (elements: number) => taker.floats(elements, 'scratch');
  const columns = paddedVocab(vocab);
  const head = headRuns(rows, Math.min(limits.bindingBytes, LOGITS_BYTES), columns);
  const jobs = sketchParts(placement);
  const streams = windows(placement, STREAM_BYTES).length;
  const elements = placement.chunks.reduce((sum, chunk) => sum + chunk.elements, 0);
  const parameters = vector('weights');
  return {
    config,
    placement,
    format: 'f32',
    rows,
    parameters,
    base: hasBaseBeside ? vector('weights') : parameters,
    gradient: vector('gradient'),
    m: vector('optimizer', hasHalfMoments),
    v: vector('optimizer', hasHalfMoments),
    ids: scratch(rows),
    targets: scratch(rows),
    distinct: scratch(rows + 1),
    starts: scratch(rows + 1),
    order: scratch(rows),
    isCheckpointed,
    layers: takeLayers(kept, { config, rows, isCheckpointed }),
    residual: kept(rows * width),
    final: kept(rows * width),
    momentsFinal: kept(rows * 2),
    logits: scratch(head[0]!.rows * columns),
    head,
    losses: scratch(rows),
    lossSlots: scratch(MAX_MICRO_BATCHES * Math.ceil(maxSequences / passSequences)),
    dResidual: scratch(rows * width),
    dNormed: scratch(rows * width),
    dAttended: scratch(rows * width),
    dQkv: scratch(rows * 3 * width),
    dWide: scratch(rows * 4 * width),
    delta: scratch(rows * heads),
    columnParts: scratch(COLUMN_PARTS * 4 * width),
    normParts: scratch(Math.ceil(elements / NORM_SPAN) + streams),
    decision: scratch(4),
    sketchJobs: scratch(4 * jobs),
    sketchKeys: taker.uniforms(PLACE_BYTES * streams),
    sketchSums: scratch(SKETCH_SUMS * jobs),
    params: taker.uniforms(PLACE_BYTES * (1 + head.length)),
    step: taker.uniforms(64),
    spans: taker.uniforms(PLACE_BYTES * streams),
  };
}

function takeLayers(
  kept: (elements: number) => View,
  { config, rows, isCheckpointed }: Pick<Memory, 'config' | 'rows' | 'isCheckpointed'>,
): LayerMemory[] {
  const { layers, width, heads } = config;
  const within = () => ({
    ln1: kept(rows * width),
    moments1: kept(rows * 2),
    qkv: kept(rows * 3 * width),
    lse: kept(rows * heads),
    attended: kept(rows * width),
    middle: kept(rows * width),
    ln2: kept(rows * width),
    moments2: kept(rows * 2),
    wide: kept(rows * 4 * width),
    active: kept(rows * 4 * width),
  });
  const live = isCheckpointed ? within() : null;
  return Array.from({ length: layers }, () => ({ before: kept(rows * width), ...(live ?? within()) }));
}

/** Rows cut so that the logits of one run fit into `bytes`; each run is of whole tiles. */
function headRuns(rows: number, bytes: number, columns: number): HeadRun[] {
  const size = Math.min(rows, Math.max(64, Math.floor(bytes / (4 * columns) / 64) * 64));
  return Array.from({ length: Math.ceil(rows / size) }, (_, i) => ({
    first: i * size,
    rows: Math.min(size, rows - i * size),
  }));
}
