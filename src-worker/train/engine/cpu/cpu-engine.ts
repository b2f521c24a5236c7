import { availableParallelism } from 'node:os';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { type ModelConfig, parameterCount } from '../../../../src-shared/model/layout.ts';
import { Slices } from '../../slices.ts';
import {
  type AdamWSettings,
  type Engine,
  type EngineBackend,
  type EngineCapabilities,
  type EngineOptions,
  IGNORED_TARGET,
  type OptimizerStepResult,
} from '../engine.ts';
import { checkBatch, checkConfig, checkWindow, INLINE_MAX_PARAMETERS, MAX_THREADS } from '../limits.ts';
import { type KernelVariant, loadKernelModule } from './kernels.ts';
import { type Plan, planMemory } from './plan.ts';
import { inlineRunner, type Runner, startPool } from './pool.ts';

/** 64 KiB each: 4 GiB is all that a 32-bit address reaches. */
const MAX_PAGES = 65_536;
const PAGES_PER_MIB = 16;

export type CpuEngineOptions = EngineOptions & {
  /** Which build of the kernels; default: fused multiply-add where the machine has it. */
  readonly variant?: KernelVariant;
  /** Run on the calling thread (one thread only). Default: for one thread and a small model. */
  readonly isInline?: boolean;
  /** Who is told how much was copied in one go. */
  readonly slices?: Slices;
};

function capabilities(threads: number, variant: KernelVariant): EngineCapabilities {
  const fused = variant === 'relaxed' ? ' with fused multiply-add' : '';
  return {
    id: 'cpu',
    description: `WASM SIMD${fused}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    precision: 'f32',
    threads,
    isDeterministic: true,
    // Parameters, gradient and two moments are 16 bytes each in 4 GiB, and activations need room too.
    maxParameters: 180_000_000,
  };
}

export const cpuBackend: EngineBackend = {
  async probe() {
    try {
      const { variant } = await loadKernelModule();
      return { available: true, capabilities: capabilities(availableParallelism(), variant) };
    } catch (error) {
      return { available: false, reason: error instanceof Error ? error.message : String(error) };
    }
  },
  create: createCpuEngine,
};

export async function createCpuEngine(config: ModelConfig, options: CpuEngineOptions): Promise<Engine> {
  const threads = Math.min(MAX_THREADS, Math.max(1, Math.floor(options.threads ?? 1)));
  const { module, variant } = await loadKernelModule(options.variant);
  const can = capabilities(threads, variant);
  checkConfig(config, can);
  const plan = planMemory(config, options.maxSequences, threads);
  const memory = reserve(plan);
  const isInline = options.isInline ?? (threads === 1 && parameterCount(config) <= INLINE_MAX_PARAMETERS);
  const runner = isInline
    ? inlineRunner(module, memory, plan)
    : await startPool(module, memory, plan, options.signal);
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
  readonly #plan: Plan;
  readonly #memory: WebAssembly.Memory;
  readonly #runner: Runner;
  readonly #slices: Slices;
  readonly #parameters: Float32Array;
  readonly #gradient: Float32Array;
  readonly #m: Float32Array;
  readonly #v: Float32Array;
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
    this.#plan = plan;
    this.#memory = memory;
    this.#runner = runner;
    this.#slices = slices;
    this.#parameters = new Float32Array(memory.buffer, plan.parameters, plan.count);
    this.#gradient = new Float32Array(memory.buffer, plan.gradient, plan.count);
    this.#m = new Float32Array(memory.buffer, plan.m, plan.count);
    this.#v = new Float32Array(memory.buffer, plan.v, plan.count);
  }

  async load(flat: Float32Array): Promise<void> {
    checkWindow(flat.length, 0, this.#plan.count, { whole: true });
    await this.#copy(flat, this.#parameters);
    await this.#clear(this.#gradient);
    await this.zeroMoments();
  }

  async microStep(
    ids: Uint16Array,
    targets: Uint16Array,
    { accumulate, microBatches }: { accumulate: boolean; microBatches: number },
  ): Promise<{ loss: number }> {
    const sequences = this.#placeBatch(ids, targets);
    const counted = countTargets(targets);
    const scale = 1 / (Math.max(1, counted) * microBatches);
    await this.#runner.run({ kind: 'microStep', sequences, accumulate, scale });
    return { loss: this.#meanLoss(targets, counted) };
  }

  async evalLoss(ids: Uint16Array, targets: Uint16Array): Promise<number> {
    const sequences = this.#placeBatch(ids, targets);
    await this.#runner.run({ kind: 'eval', sequences });
    return this.#meanLoss(targets, countTargets(targets));
  }

  async gradNorm(): Promise<number> {
    await this.#runner.run({ kind: 'norm' });
    const parts = new Float64Array(this.#memory.buffer, this.#plan.normParts, this.#plan.normPartCount);
    return Math.sqrt(parts.reduce((sum, part) => sum + part, 0));
  }

  async optimizerStep(settings: AdamWSettings): Promise<OptimizerStepResult> {
    const { clip, lr, beta1, beta2, eps, weightDecay } = settings;
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

  async readParameters(into: Float32Array, offset = 0): Promise<void> {
    checkWindow(into.length, offset, this.#plan.count);
    await this.#copy(this.#parameters.subarray(offset, offset + into.length), into);
  }

  async writeParameters(from: Float32Array, offset = 0): Promise<void> {
    checkWindow(from.length, offset, this.#plan.count);
    await this.#copy(from, this.#parameters.subarray(offset));
  }

  async readGradient(into: Float32Array, offset = 0): Promise<void> {
    checkWindow(into.length, offset, this.#plan.count);
    await this.#copy(this.#gradient.subarray(offset, offset + into.length), into);
  }

  async addToParameters(delta: Float32Array, offset = 0): Promise<void> {
    checkWindow(delta.length, offset, this.#plan.count);
    const target = this.#parameters.subarray(offset, offset + delta.length);
    await this.#slices.each(delta.length, (from, to) => {
      for (let i = from; i < to; i++) target[i]! += delta[i]!;
    });
  }

  async snapshotOptimizer() {
    const [m, v] = [new Float32Array(this.#plan.count), new Float32Array(this.#plan.count)];
    await this.#copy(this.#m, m);
    await this.#copy(this.#v, v);
    return { step: this.#step, m, v };
  }

  async restoreOptimizer({ step, m, v }: { step: number; m: Float32Array; v: Float32Array }): Promise<void> {
    checkWindow(m.length, 0, this.#plan.count, { whole: true });
    checkWindow(v.length, 0, this.#plan.count, { whole: true });
    await this.#copy(m, this.#m);
    await this.#copy(v, this.#v);
    this.#step = step;
  }

  async zeroMoments(): Promise<void> {
    await this.#clear(this.#m);
    await this.#clear(this.#v);
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

  #placeBatch(ids: Uint16Array, targets: Uint16Array): number {
    checkBatch(ids, targets, this.config, this.#plan.maxSequences);
    new Uint16Array(this.#memory.buffer, this.#plan.ids, ids.length).set(ids);
    new Uint16Array(this.#memory.buffer, this.#plan.targets, targets.length).set(targets);
    return ids.length / this.config.context;
  }

  /** The kernels leave sum and distance per row; logarithm and mean are taken here, in float64 and in order. */
  #meanLoss(targets: Uint16Array, counted: number): number {
    const parts = new Float32Array(this.#memory.buffer, this.#plan.lossParts, 2 * targets.length);
    let sum = 0;
    for (let row = 0; row < targets.length; row++) sum += Math.log(parts[2 * row]!) + parts[2 * row + 1]!;
    return sum / Math.max(1, counted);
  }
}

function countTargets(targets: Uint16Array): number {
  return targets.reduce((count, target) => count + (target === IGNORED_TARGET ? 0 : 1), 0);
}
