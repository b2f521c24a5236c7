import type { MemoryUse } from '../../../../src-shared/contract/memory-plan.ts';
import {
  type ModelConfig,
  type ParameterName,
  type ParameterTensor,
  parameterCount,
  parameterLayout,
} from '../../../../src-shared/model/layout.ts';
import { LOGITS_CHUNK_BYTES } from '../limits.ts';
import { SKETCH_SUMS, type SketchPart, sketchParts } from '../sketch.ts';

const LINE = 64;
const PAGE_BYTES = 65_536;
/** Blocks of packed A (192 x 256) and B (256 x 1,024) and one edge tile: see kernels/assembly/gemm.ts. */
const GEMM_SCRATCH = 192 * 256 + 256 * 1024 + 128;
/** Queries whose scores are held at once: with a long context the whole square would not fit. */
export const QUERY_BLOCK = 64;
/** Elements whose squares one partial sum covers; fixed, so that the norm does not depend on threads. */
export const NORM_CHUNK = 65_536;

export type LayerPlan = {
  readonly before: number;
  readonly ln1: number;
  readonly mean1: number;
  readonly rstd1: number;
  readonly qkv: number;
  readonly tops: number;
  readonly inverses: number;
  readonly attended: number;
  readonly middle: number;
  readonly ln2: number;
  readonly mean2: number;
  readonly rstd2: number;
  readonly wide: number;
  readonly active: number;
};

export type ThreadPlan = {
  readonly gemm: number;
  readonly scores: number;
  readonly dScores: number;
  readonly delta: number;
};

/** Byte address of everything the engine holds; plain values, so that it travels to the pool as it is. */
export type Plan = {
  readonly config: ModelConfig;
  /** Sequences that go through at a time. */
  readonly passSequences: number;
  readonly count: number;
  readonly tensors: readonly ParameterTensor[];
  readonly control: number;
  readonly arguments: number;
  /** Since when the threads have worked without a rest, by the machine's clock, and what they owe: float64, in ms. */
  readonly workingSince: number;
  readonly constants: number;
  readonly parameters: number;
  /** The weights that lie beside the parameters: see `atBase`. */
  readonly base: number;
  readonly gradient: number;
  readonly m: number;
  readonly v: number;
  readonly normParts: number;
  readonly normPartCount: number;
  readonly sketchParts: readonly SketchPart[];
  readonly sketchSums: number;
  readonly ids: number;
  readonly targets: number;
  readonly lossParts: number;
  readonly layers: readonly LayerPlan[];
  readonly residual: number;
  readonly final: number;
  readonly meanFinal: number;
  readonly rstdFinal: number;
  readonly logits: number;
  readonly logitRows: number;
  readonly dResidual: number;
  readonly dNormed: number;
  readonly dAttended: number;
  readonly dQkv: number;
  readonly dWide: number;
  readonly threads: readonly ThreadPlan[];
  /** What it comes to, by use. */
  readonly bytes: Readonly<Record<MemoryUse, number>>;
  readonly pages: number;
};

/** Hands out one memory from its beginning on, in whole cache lines. */
class Addresses {
  readonly used: Record<MemoryUse, number> = {
    weights: 0,
    gradient: 0,
    optimizer: 0,
    activations: 0,
    scratch: 0,
  };
  /** First byte that nobody has. */
  next = 0;

  bytes(size: number, use: MemoryUse = 'scratch'): number {
    const address = this.next;
    const taken = Math.ceil(size / LINE) * LINE;
    this.next += taken;
    this.used[use] += taken;
    return address;
  }

  floats(length: number, use?: MemoryUse): number {
    return this.bytes(4 * length, use);
  }

  /** What the way forward leaves for the way back. */
  kept(length: number): number {
    return this.floats(length, 'activations');
  }
}

/** Lays out the one memory of the engine. Nothing is allocated after this. */
export function planMemory(config: ModelConfig, passSequences: number, threads: number): Plan {
  const { layers, width, context, vocab } = config;
  const take = new Addresses();
  const rows = passSequences * context;
  const count = parameterCount(config);
  const tensors = parameterLayout(config);
  const parts = sketchParts(tensors);
  const normPartCount = Math.ceil(count / NORM_CHUNK);
  const logitRows = Math.min(rows, Math.max(16, Math.floor(LOGITS_CHUNK_BYTES / (4 * vocab))));
  // Address 0 means "none" to the kernels, so the control words lie there. Constants of the kernels come behind the
  // arguments: see tools/tasks/build-kernels.ts.
  const plan = {
    config,
    passSequences,
    count,
    tensors,
    control: take.bytes(LINE),
    arguments: take.bytes(LINE),
    workingSince: take.bytes(LINE),
    constants: take.bytes(13 * LINE),
    parameters: take.floats(count, 'weights'),
    base: take.floats(count, 'weights'),
    gradient: take.floats(count, 'gradient'),
    m: take.floats(count, 'optimizer'),
    v: take.floats(count, 'optimizer'),
    normParts: take.bytes(8 * normPartCount),
    normPartCount,
    sketchParts: parts,
    sketchSums: take.bytes(8 * SKETCH_SUMS * parts.length),
    ids: take.bytes(2 * rows),
    targets: take.bytes(2 * rows),
    lossParts: take.floats(2 * rows),
    layers: Array.from({ length: layers }, () => planLayer(take, config, rows)),
    residual: take.kept(rows * width),
    final: take.kept(rows * width),
    meanFinal: take.kept(rows),
    rstdFinal: take.kept(rows),
    logits: take.floats(logitRows * vocab),
    logitRows,
    dResidual: take.floats(rows * width),
    dNormed: take.floats(rows * width),
    dAttended: take.floats(rows * width),
    dQkv: take.floats(rows * 3 * width),
    dWide: take.floats(rows * 4 * width),
    threads: Array.from({ length: threads }, () => planThread(take, config)),
  };
  return { ...plan, bytes: take.used, pages: Math.ceil(take.next / PAGE_BYTES) };
}

function planLayer(take: Addresses, { width, heads }: ModelConfig, rows: number): LayerPlan {
  return {
    before: take.kept(rows * width),
    ln1: take.kept(rows * width),
    mean1: take.kept(rows),
    rstd1: take.kept(rows),
    qkv: take.kept(rows * 3 * width),
    tops: take.kept(rows * heads),
    inverses: take.kept(rows * heads),
    attended: take.kept(rows * width),
    middle: take.kept(rows * width),
    ln2: take.kept(rows * width),
    mean2: take.kept(rows),
    rstd2: take.kept(rows),
    wide: take.kept(rows * 4 * width),
    active: take.kept(rows * 4 * width),
  };
}

function planThread(take: Addresses, { context }: ModelConfig): ThreadPlan {
  return {
    gemm: take.floats(GEMM_SCRATCH),
    scores: take.floats(QUERY_BLOCK * context),
    dScores: take.floats(QUERY_BLOCK * context),
    delta: take.floats(QUERY_BLOCK),
  };
}

/** Address of a tensor, or of one layer's part of it, in the parameters or their gradient. */
export function tensorAddress(plan: Plan, base: number, name: ParameterName, layer = 0): number {
  const tensor = plan.tensors.find((t) => t.name === name)!;
  const stacked = plan.config.layers;
  return base + 4 * (tensor.offset + (layer === 0 ? 0 : layer * (tensor.length / stacked)));
}

/** Partial sums of the gradient's squares, each of NORM_CHUNK elements. */
export function normPartsIn(memory: WebAssembly.Memory, plan: Plan): Float64Array {
  return new Float64Array(memory.buffer, plan.normParts, plan.normPartCount);
}

/** The gradient's norm, from partial sums in their order. */
export function normOf(parts: Float64Array): number {
  return Math.sqrt(parts.reduce((sum, part) => sum + part, 0));
}
