import type { ModelConfig } from '../../../../src-shared/model/layout.ts';
import { LOGITS_BYTES, MAX_MICRO_BATCHES, STREAM_BYTES } from '../limits.ts';
import { SKETCH_SUMS } from '../sketch.ts';
import type { Arena, View } from './arena.ts';
import type { GpuDevice } from './device.ts';
import {
  ALIGN_BYTES,
  type Chunk,
  type Placement,
  paddedVocab,
  placeParameters,
  type Slice,
  windows,
} from './placement.ts';
import { COLUMN_PARTS } from './wgsl/columns.ts';
import { NORM_SPAN } from './wgsl/optimizer.ts';

/** One number of each parameter, in the chunks of the placement. */
export class Vector {
  readonly chunks: readonly View[];

  constructor(arena: Arena, chunks: readonly Chunk[]) {
    this.chunks = chunks.map(({ elements }) => arena.floats(elements));
  }

  slice({ chunk, at, padded }: Slice): View {
    return { buffer: this.chunks[chunk]!.buffer, offset: 4 * at, size: 4 * padded };
  }
}

/** What the way forward leaves for the way back, of one layer. */
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
  /** Rows of a micro-batch at most, a multiple of 64. */
  readonly rows: number;
  readonly parameters: Vector;
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
  readonly layers: readonly LayerMemory[];
  readonly residual: View;
  readonly final: View;
  readonly momentsFinal: View;
  readonly logits: View;
  readonly head: readonly HeadRun[];
  /** Each row's loss, and the sum of each micro-batch. */
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
  /** Elements and first place of each window whose squares are added. */
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

/**
 * Takes all that an engine of this model needs on the device.
 * @param sketchParts number of places for the sums of sketches
 */
export function takeMemory(
  arena: Arena,
  { limits }: Pick<GpuDevice, 'limits'>,
  {
    config,
    maxSequences,
    sketchParts,
  }: { config: ModelConfig; maxSequences: number; sketchParts(placement: Placement): number },
): Memory {
  const { layers, width, heads, context, vocab } = config;
  const placement = placeParameters(config, limits);
  const rows = Math.ceil((maxSequences * context) / 64) * 64;
  const vector = () => new Vector(arena, placement.chunks);
  const floats = (elements: number) => arena.floats(elements);
  const columns = paddedVocab(vocab);
  const head = headRuns(rows, Math.min(limits.bindingBytes, LOGITS_BYTES), columns);
  const jobs = sketchParts(placement);
  const streams = windows(placement, STREAM_BYTES).length;
  const elements = placement.chunks.reduce((sum, chunk) => sum + chunk.elements, 0);
  return {
    config,
    placement,
    rows,
    parameters: vector(),
    base: vector(),
    gradient: vector(),
    m: vector(),
    v: vector(),
    ids: floats(rows),
    targets: floats(rows),
    distinct: floats(rows + 1),
    starts: floats(rows + 1),
    order: floats(rows),
    layers: Array.from({ length: layers }, () => ({
      before: floats(rows * width),
      ln1: floats(rows * width),
      moments1: floats(rows * 2),
      qkv: floats(rows * 3 * width),
      lse: floats(rows * heads),
      attended: floats(rows * width),
      middle: floats(rows * width),
      ln2: floats(rows * width),
      moments2: floats(rows * 2),
      wide: floats(rows * 4 * width),
      active: floats(rows * 4 * width),
    })),
    residual: floats(rows * width),
    final: floats(rows * width),
    momentsFinal: floats(rows * 2),
    logits: floats(head[0]!.rows * columns),
    head,
    losses: floats(rows),
    lossSlots: floats(MAX_MICRO_BATCHES),
    dResidual: floats(rows * width),
    dNormed: floats(rows * width),
    dAttended: floats(rows * width),
    dQkv: floats(rows * 3 * width),
    dWide: floats(rows * 4 * width),
    delta: floats(rows * heads),
    columnParts: floats(COLUMN_PARTS * 4 * width),
    normParts: floats(Math.ceil(elements / NORM_SPAN) + streams),
    decision: floats(4),
    sketchJobs: floats(4 * jobs),
    sketchKeys: arena.uniforms(PLACE_BYTES * streams),
    sketchSums: floats(SKETCH_SUMS * jobs),
    params: arena.uniforms(PLACE_BYTES * (1 + head.length)),
    step: arena.uniforms(64),
    spans: arena.uniforms(PLACE_BYTES * streams),
  };
}

/** Rows cut so that the logits of one run fit into `bytes`; each run is of whole tiles. */
function headRuns(rows: number, bytes: number, columns: number): HeadRun[] {
  const size = Math.min(rows, Math.max(64, Math.floor(bytes / (4 * columns) / 64) * 64));
  return Array.from({ length: Math.ceil(rows / size) }, (_, i) => ({
    first: i * size,
    rows: Math.min(size, rows - i * size),
  }));
}
