import type { MemoryUse } from '../../../../src-shared/contract/memory-plan.ts';
import { LOGITS_BYTES, MAX_MICRO_BATCHES, STREAM_BYTES } from '../limits.ts';
import { SKETCH_SUMS } from '../sketch.ts';
import type { GpuDevice } from './device.ts';
import {
  type HeadRun,
  type Held,
  type LayerMemory,
  type Memory,
  type MemoryShape,
  PLACE_BYTES,
  Vector,
  within,
} from './memory.ts';
import { type Chunk, type Placement, paddedVocab, placeParameters, windows } from './placement.ts';
import type { Taker } from './tally.ts';
import { tokenPlaces } from './tokens.ts';
import { COLUMN_PARTS, sumsOf } from './wgsl/columns.ts';
import { BYTES } from './wgsl/format.ts';
import { NORM_SPAN } from './wgsl/optimizer.ts';

/** What the sizes of all buffers follow from. */
interface Room {
  readonly taker: Taker;
  readonly limits: GpuDevice['limits'];
  readonly shape: MemoryShape;
  readonly placement: Placement;
  /** Of a pass at most. */
  readonly rows: number;
  /** Words of so many numbers that products multiply. */
  words(elements: number): number;
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
  const { config, passSequences, isCheckpointed, format } = shape;
  const placement = placeParameters(config, limits);
  const rows = Math.ceil((passSequences * config.context) / 64) * 64;
  const words = (elements: number) => (elements * BYTES[format]) / 4;
  const room = { taker, limits, shape, placement, rows, words };
  const passes = takePasses(room);
  return {
    ...{ config, placement, format, rows, isCheckpointed },
    ...takeVectors(room),
    ...takeTokens(room),
    ...passes,
    ...takeFlows(room),
    ...takeStreams(room, sketchParts(placement)),
    params: taker.uniforms(PLACE_BYTES * (1 + passes.head.length)),
  };
}

/** What has one number of each parameter. */
function takeVectors({
  taker,
  shape,
  placement,
}: Room): Pick<Memory, 'parameters' | 'weights' | 'base' | 'gradient' | 'm' | 'v'> {
  const { format, hasBaseBeside, hasHalfMoments } = shape;
  const vector = (use: MemoryUse, held: (chunk: Chunk) => Held = () => 'f32') =>
    Vector.take(taker, use, placement.chunks, held);
  const moments: Held = hasHalfMoments ? 'bf16' : 'f32';
  const parameters = vector('weights');
  const weights = format === 'f32' ? parameters : shadowOf(parameters, placement, taker);
  return {
    parameters,
    weights,
    base: hasBaseBeside
      ? vector('weights', (chunk) => (chunk.isDecayed ? format : 'f32'))
      : inPlaceOf(weights, parameters, placement, taker),
    gradient: vector('gradient'),
    m: vector('optimizer', () => moments),
    v: vector('optimizer', () => moments),
  };
}

/** What is written of a pass's tokens. */
function takeTokens({
  taker,
  rows,
}: Room): Pick<Memory, 'tokens' | 'tokenPlaces' | 'ids' | 'targets' | 'distinct' | 'starts' | 'order'> {
  const places = tokenPlaces(rows);
  const tokens = taker.floats(places.words, 'scratch');
  const at = (first: number, words: number) => within(tokens, 4 * first, 4 * words);
  return {
    tokens,
    tokenPlaces: places,
    ids: at(places.ids, rows),
    targets: at(places.targets, rows),
    distinct: at(places.distinct, rows + 1),
    starts: at(places.starts, rows + 1),
    order: at(places.order, rows),
  };
}

/** What the way forward leaves, to the losses. */
function takePasses(
  room: Room,
): Pick<
  Memory,
  'layers' | 'residual' | 'final' | 'momentsFinal' | 'logits' | 'head' | 'losses' | 'lossSlots'
> {
  const { taker, limits, shape, rows, words } = room;
  const { config, maxSequences, passSequences, format } = shape;
  const kept = (elements: number) => taker.floats(elements, 'activations');
  const scratch = (elements: number) => taker.floats(elements, 'scratch');
  const columns = paddedVocab(config.vocab);
  const head = headRuns(rows, Math.min(limits.bindingBytes, LOGITS_BYTES), columns * BYTES[format]);
  return {
    layers: takeLayers(room),
    residual: kept(rows * config.width),
    final: kept(words(rows * config.width)),
    momentsFinal: kept(rows * 2),
    logits: scratch(words(head[0]!.rows * columns)),
    head,
    losses: scratch(rows),
    lossSlots: scratch(MAX_MICRO_BATCHES * Math.ceil(maxSequences / passSequences)),
  };
}

/** What flows back. */
function takeFlows({
  taker,
  shape,
  rows,
  words,
}: Room): Pick<
  Memory,
  'dResidual' | 'dFactor' | 'dNormed' | 'dAttended' | 'dQkv' | 'dWide' | 'delta' | 'columnParts'
> {
  const { width, heads } = shape.config;
  const scratch = (elements: number) => taker.floats(elements, 'scratch');
  const dResidual = scratch(rows * width);
  return {
    dResidual,
    dFactor: shape.format === 'f32' ? dResidual : scratch(words(rows * width)),
    dNormed: scratch(rows * width),
    dAttended: scratch(rows * width),
    dQkv: scratch(words(rows * 3 * width)),
    dWide: scratch(words(rows * 4 * width)),
    delta: scratch(rows * heads),
    // The widest are those of a product of four widths, one of a width, and a norm.
    columnParts: scratch(COLUMN_PARTS * sumsOf({ biases: [width, 4 * width], width })),
  };
}

/** What goes over all parameters: norm, step and sketch. */
function takeStreams(
  { taker, placement }: Room,
  jobs: number,
): Pick<
  Memory,
  | 'normParts'
  | 'decision'
  | 'overflow'
  | 'lossScale'
  | 'sketchJobs'
  | 'sketchKeys'
  | 'sketchSums'
  | 'step'
  | 'spans'
> {
  const scratch = (elements: number) => taker.floats(elements, 'scratch');
  const streams = windows(placement, STREAM_BYTES).length;
  const elements = placement.chunks.reduce((sum, chunk) => sum + chunk.elements, 0);
  return {
    normParts: scratch(Math.ceil(elements / NORM_SPAN) + streams),
    decision: scratch(4),
    overflow: scratch(1),
    lossScale: scratch(4),
    sketchJobs: scratch(4 * jobs),
    sketchKeys: taker.uniforms(PLACE_BYTES * streams),
    sketchSums: scratch(SKETCH_SUMS * jobs),
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

function takeLayers({ taker, shape, rows, words }: Room): LayerMemory[] {
  const { config, isCheckpointed } = shape;
  const kept = (elements: number) => taker.floats(elements, 'activations');
  const { layers, width, heads } = config;
  const inside = () => ({
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
  const live = isCheckpointed ? inside() : null;
  return Array.from({ length: layers }, () => ({ before: kept(rows * width), ...(live ?? inside()) }));
}

/** Rows cut so that the logits of one run fit into `bytes`; each run is of whole tiles. */
function headRuns(rows: number, bytes: number, rowBytes: number): HeadRun[] {
  const size = Math.min(rows, Math.max(64, Math.floor(bytes / rowBytes / 64) * 64));
  return Array.from({ length: Math.ceil(rows / size) }, (_, i) => ({
    first: i * size,
    rows: Math.min(size, rows - i * size),
  }));
}
