import { availableParallelism } from 'node:os';
import type { MemoryPlan } from '../../../../src-shared/contract/memory-plan.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { type ModelConfig, parameterCount } from '../../../../src-shared/model/layout.ts';
import { Slices } from '../../slices.ts';
import {
  type AdamWSettings,
  type Batch,
  countTargets,
  type Engine,
  type EngineBackend,
  type EngineCapabilities,
  type EngineOptions,
  type EngineVector,
  type Gradient,
  type GradientOptions,
  type OptimizerStepResult,
} from '../engine.ts';
import {
  checkBatch,
  checkConfig,
  checkWindow,
  EngineMisuse,
  INLINE_MAX_PARAMETERS,
  MAX_THREADS,
} from '../limits.ts';
import { SKETCH_SUMS, sketchKeys, sketchOfSums } from '../sketch.ts';
import { unthrottled } from '../throttle.ts';
import type { KernelVariant } from './kernels.ts';
import { type Plan, planMemory } from './plan.ts';
import { inlineRunner, type Runner, startPool } from './pool.ts';
import { chooseKernels } from './variants.ts';

/** 64 KiB each: 4 GiB is all that a 32-bit address reaches. */
const MAX_PAGES = 65_536;
const PAGES_PER_MIB = 16;

export type CpuEngineOptions = EngineOptions & {
  /** Which build of the kernels; default: the fastest that computes right here. */
  readonly variant?: KernelVariant;
  /** Run on the calling thread (one thread only). Default: for one thread and a small model. */
  readonly isInline?: boolean;
  /** Who is told how much was copied in one go. */
  readonly slices?: Slices;
};

const VARIANT_TOLD: Readonly<Record<KernelVariant, string>> = {
  simd: '',
  relaxed: ' with fused multiply-add',
  wide: ' with fused multiply-add on wide registers',
};

function capabilities(threads: number, variant: KernelVariant): EngineCapabilities {
  return {
    id: 'cpu',
    description: `WASM SIMD${VARIANT_TOLD[variant]}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    precision: 'f32',
    threads,
    isDeterministic: true,
    // Two sets of weights, gradient and two moments are 20 bytes each in 4 GiB, and activations need room too.
    maxParameters: 150_000_000,
  };
}

export const cpuBackend: EngineBackend = {
  async probe() {
    try {
      const { variant } = await chooseKernels();
      return { available: true, capabilities: capabilities(availableParallelism(), variant) };
    } catch (error) {
      return { available: false, reason: error instanceof Error ? error.message : String(error) };
    }
  },
  create: createCpuEngine,
};

export async function createCpuEngine(config: ModelConfig, options: CpuEngineOptions): Promise<Engine> {
  const threads = Math.min(MAX_THREADS, Math.max(1, Math.floor(options.threads ?? 1)));
  const { module, variant } = await chooseKernels(options.variant);
  const can = capabilities(threads, variant);
  checkConfig(config, can);
  const plan = planMemory(config, options.maxSequences, threads);
  const memory = reserve(plan);
  const isInline = options.isInline ?? (threads === 1 && parameterCount(config) <= INLINE_MAX_PARAMETERS);
  const { throttle = unthrottled } = options;
  const runner = isInline
    ? inlineRunner(module, memory, plan, throttle)
    : await startPool(module, memory, plan, { throttle, ...(options.signal && { signal: options.signal }) });
  return new CpuEngine(can, plan, memory, { runner, slices: options.slices ?? new Slices() });
}

/** @throws {AppError} ENGINE_MEMORY when WASM cannot address so much or the machine does not have it. */
function reserve({ pages }: Plan): WebAssembly.Memory {
  const neededMib = Math.ceil(pages / PAGES_PER_MIB);
  if (pages > MAX_PAGES) throw new AppError('ENGINE_MEMORY', { neededMib });
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (error) {
    throw new AppError('ENGINE_MEMORY', { neededMib }, error);
  }
}

class CpuEngine implements Engine {
  readonly config: ModelConfig;
  readonly layout: Engine['layout'];
  readonly capabilities: EngineCapabilities;
  readonly plan: MemoryPlan;
  readonly #plan: Plan;
  readonly #memory: WebAssembly.Memory;
  readonly #runner: Runner;
  readonly #slices: Slices;
  readonly #vectors: Readonly<Record<EngineVector, Float32Array>>;
  /** Address of the weights that passes are taken at. */
  #weights: number;
  /** Whose copy lies beside the parameters. */
  #base: WeakRef<Float32Array> | null = null;
  #step = 0;

  constructor(
    can: EngineCapabilities,
    plan: Plan,
    memory: WebAssembly.Memory,
    { runner, slices }: { readonly runner: Runner; readonly slices: Slices },
  ) {
    this.config = plan.config;
    this.layout = plan.tensors;
    this.capabilities = can;
    this.plan = {
      device: can.description,
      precision: 'f32',
      policy: 'W16',
      checkpointing: false,
      passSequences: plan.maxSequences,
      bytes: plan.bytes,
      budgetBytes: null,
    };
    this.#plan = plan;
    this.#memory = memory;
    this.#runner = runner;
    this.#slices = slices;
    const vector = (at: number) => new Float32Array(memory.buffer, at, plan.count);
    const { parameters, gradient, m, v } = plan;
    this.#vectors = {
      parameters: vector(parameters),
      gradient: vector(gradient),
      m: vector(m),
      v: vector(v),
    };
    this.#weights = parameters;
  }

  async load(flat: Float32Array): Promise<void> {
    checkWindow(flat.length, 0, this.#plan.count, { whole: true });
    await this.#copy(flat, this.#vectors.parameters);
    await this.#clear(this.#vectors.gradient);
    await this.zeroMoments();
  }

  async gradient(batches: readonly Batch[], { sketchSeed, signal }: GradientOptions = {}): Promise<Gradient> {
    const sketches: number[][] = [];
    for (const batch of sketchSeed ? batches : []) {
      signal?.throwIfAborted();
      await this.#microStep(batch, { accumulate: false, microBatches: 1 });
      sketches.push(await this.#sketch(sketchSeed!));
    }
    // The gradient of a batch that is alone stands there already, and its loss is read from what it left.
    if (sketches.length === 1) return { loss: this.#meanLoss(batches[0]!.targets), sketches };
    let sum = 0;
    for (const [index, batch] of batches.entries()) {
      signal?.throwIfAborted();
      await this.#microStep(batch, { accumulate: index > 0, microBatches: batches.length });
      sum += this.#meanLoss(batch.targets);
    }
    return { loss: sum / batches.length, sketches };
  }

  async losses(batches: readonly Batch[]): Promise<readonly number[]> {
    const losses: number[] = [];
    for (const batch of batches) {
      const sequences = this.#placeBatch(batch);
      await this.#runner.run({ kind: 'eval', sequences, weights: this.#weights });
      losses.push(this.#meanLoss(batch.targets));
    }
    return losses;
  }

  async atBase<T>(base: Float32Array, work: () => Promise<T>): Promise<T> {
    checkWindow(base.length, 0, this.#plan.count, { whole: true });
    this.#checkAtParameters();
    if (this.#base?.deref() !== base) {
      this.#base = null;
      await this.#copy(base, new Float32Array(this.#memory.buffer, this.#plan.base, this.#plan.count));
      this.#base = new WeakRef(base);
    }
    this.#weights = this.#plan.base;
    try {
      return await work();
    } finally {
      this.#weights = this.#plan.parameters;
    }
  }

  async gradNorm(): Promise<number> {
    await this.#runner.run({ kind: 'norm' });
    const parts = new Float64Array(this.#memory.buffer, this.#plan.normParts, this.#plan.normPartCount);
    return Math.sqrt(parts.reduce((sum, part) => sum + part, 0));
  }

  async optimizerStep(settings: AdamWSettings): Promise<OptimizerStepResult> {
    const { clip, lr, beta1, beta2, eps, weightDecay } = settings;
    this.#checkAtParameters();
    const gradNorm = await this.gradNorm();
    if (!Number.isFinite(gradNorm)) return { gradNorm, applied: false };
    const gradScale = clip > 0 && gradNorm > clip ? clip / gradNorm : 1;
    this.#step++;
    await this.#runner.run({
      kind: 'adamw',
      gradScale,
      beta1,
      beta2,
      eps,
      lr,
      weightDecay,
      step: this.#step,
    });
    return { gradNorm, applied: true };
  }

  async read(vector: EngineVector, into: Float32Array, offset = 0): Promise<void> {
    checkWindow(into.length, offset, this.#plan.count);
    await this.#copy(this.#vectors[vector].subarray(offset, offset + into.length), into);
  }

  async write(vector: EngineVector, from: Float32Array, offset = 0): Promise<void> {
    checkWindow(from.length, offset, this.#plan.count);
    await this.#copy(from, this.#vectors[vector].subarray(offset));
  }

  get steps(): number {
    return this.#step;
  }

  setSteps(steps: number): void {
    this.#step = steps;
  }

  async zeroMoments(): Promise<void> {
    await this.#clear(this.#vectors.m);
    await this.#clear(this.#vectors.v);
    this.#step = 0;
  }

  dispose(): Promise<void> {
    return this.#runner.dispose();
  }

  #copy(from: Float32Array, into: Float32Array): Promise<void> {
    return this.#slices.each(from.length, (start, end) => into.set(from.subarray(start, end), start));
  }

  #clear(vector: Float32Array): Promise<void> {
    return this.#slices.each(vector.length, (start, end) => vector.fill(0, start, end));
  }

  #checkAtParameters(): void {
    if (this.#weights !== this.#plan.parameters) throw new EngineMisuse('not while the base is worked at');
  }

  async #microStep(
    batch: Batch,
    { accumulate, microBatches }: { readonly accumulate: boolean; readonly microBatches: number },
  ): Promise<void> {
    const sequences = this.#placeBatch(batch);
    const scale = 1 / (Math.max(1, countTargets(batch.targets)) * microBatches);
    await this.#runner.run({ kind: 'microStep', sequences, accumulate, scale, weights: this.#weights });
  }

  async #sketch(seed: Uint8Array): Promise<number[]> {
    const [keyA, keyB] = sketchKeys(seed);
    await this.#runner.run({ kind: 'sketch', keyA, keyB });
    const { sketchParts: parts, sketchSums } = this.#plan;
    const sums = new Float64Array(this.#memory.buffer, sketchSums, parts.length * SKETCH_SUMS);
    return sketchOfSums(this.layout, parts, sums);
  }

  #placeBatch({ ids, targets }: Batch): number {
    checkBatch(ids, targets, this.config, this.#plan.maxSequences);
    new Uint16Array(this.#memory.buffer, this.#plan.ids, ids.length).set(ids);
    new Uint16Array(this.#memory.buffer, this.#plan.targets, targets.length).set(targets);
    return ids.length / this.config.context;
  }

  /** The kernels leave sum and distance per row; logarithm and mean are taken here, in float64 and in order. */
  #meanLoss(targets: Uint16Array): number {
    const parts = new Float32Array(this.#memory.buffer, this.#plan.lossParts, 2 * targets.length);
    let sum = 0;
    for (let row = 0; row < targets.length; row++) sum += Math.log(parts[2 * row]!) + parts[2 * row + 1]!;
    return sum / Math.max(1, countTargets(targets));
  }
}
