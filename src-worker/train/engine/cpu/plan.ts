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

/** Lays out the one memory of the engine. Nothing is allocated after this. */
export function planMemory(config: ModelConfig, passSequences: number, threads: number): Plan {
  const { layers, width, heads, context, vocab } = config;
  let next = 0;
  const used: Record<MemoryUse, number> = {
    weights: 0,
    gradient: 0,
    optimizer: 0,
    activations: 0,
    scratch: 0,
  };
  const bytes = (size: number, use: MemoryUse = 'scratch') => {
    const address = next;
    const taken = Math.ceil(size / LINE) * LINE;
    next += taken;
    used[use] += taken;
    return address;
  };
  const floats = (length: number, use?: MemoryUse) => bytes(4 * length, use);
  const kept = (length: number) => floats(length, 'activations');
  const rows = passSequences * context;
  const count = parameterCount(config);
  const tensors = parameterLayout(config);
  const parts = sketchParts(tensors);
  const normPartCount = Math.ceil(count / NORM_CHUNK);
  const logitRows = Math.min(rows, Math.max(16, Math.floor(LOGITS_CHUNK_BYTES / (4 * vocab))));
  const planLayer = (): LayerPlan => ({
    before: kept(rows * width),
    ln1: kept(rows * width),
    mean1: kept(rows),
    rstd1: kept(rows),
    qkv: kept(rows * 3 * width),
    tops: kept(rows * heads),
    inverses: kept(rows * heads),
    attended: kept(rows * width),
    middle: kept(rows * width),
    ln2: kept(rows * width),
    mean2: kept(rows),
    rstd2: kept(rows),
    wide: kept(rows * 4 * width),
    active: kept(rows * 4 * width),
  });
  const planThread = (): ThreadPlan => ({
    gemm: floats(GEMM_SCRATCH),
    scores: floats(QUERY_BLOCK * context),
    dScores: floats(QUERY_BLOCK * context),
    delta: floats(QUERY_BLOCK),
  });
  // Address 0 means "none" to the kernels, so the control words lie there. Constants of the kernels come behind the
  // arguments: see tools/tasks/build-kernels.ts.
  const plan = {
    config,
    passSequences,
    count,
    tensors,
    control: bytes(LINE),
    arguments: bytes(LINE),
    workingSince: bytes(LINE),
    constants: bytes(13 * LINE),
    parameters: floats(count, 'weights'),
    base: floats(count, 'weights'),
    gradient: floats(count, 'gradient'),
    m: floats(count, 'optimizer'),
    v: floats(count, 'optimizer'),
    normParts: bytes(8 * normPartCount),
    normPartCount,
    sketchParts: parts,
    sketchSums: bytes(8 * SKETCH_SUMS * parts.length),
    ids: bytes(2 * rows),
    targets: bytes(2 * rows),
    lossParts: floats(2 * rows),
    layers: Array.from({ length: layers }, planLayer),
    residual: kept(rows * width),
    final: kept(rows * width),
    meanFinal: kept(rows),
    rstdFinal: kept(rows),
    logits: floats(logitRows * vocab),
    logitRows,
    dResidual: floats(rows * width),
    dNormed: floats(rows * width),
    dAttended: floats(rows * width),
    dQkv: floats(rows * 3 * width),
    dWide: floats(rows * 4 * width),
    threads: Array.from({ length: threads }, planThread),
  };
  return { ...plan, bytes: used, pages: Math.ceil(next / PAGE_BYTES) };
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
