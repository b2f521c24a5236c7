import type { MemoryPlan } from '../../../../src-shared/contract/memory-plan.ts';
import type { ModelConfig } from '../../../../src-shared/model/layout.ts';
import type { Slices } from '../../slices.ts';
import { type VectorSource, windowsOf } from '../../vector-source.ts';
import {
  type AdamWSettings,
  type Batch,
  countTargets,
  type Engine,
  type EngineCapabilities,
  type EngineVector,
  type Gradient,
  type GradientOptions,
  type OptimizerStepResult,
  passesOf,
} from '../engine.ts';
import { checkBatch, checkWindow, EngineMisuse } from '../limits.ts';
import { SKETCH_SUMS, sketchKeys, sketchOfSums } from '../sketch.ts';
import type { Command } from './commands.ts';
import { normOf, normPartsIn, type Plan } from './plan.ts';
import type { Runner } from './pool.ts';

interface CpuEngineParts {
  readonly runner: Runner;
  readonly maxSequences: number;
  readonly slices: Slices;
}

/** The engine on the processor: one memory, worked through by the threads of its runner. */
export class CpuEngine implements Engine {
  readonly config: ModelConfig;
  readonly layout: Engine['layout'];
  readonly capabilities: EngineCapabilities;
  readonly plan: MemoryPlan;
  readonly #plan: Plan;
  readonly #memory: WebAssembly.Memory;
  readonly #runner: Runner;
  readonly #maxSequences: number;
  readonly #slices: Slices;
  readonly #vectors: Readonly<Record<EngineVector, Float32Array>>;
  /** Address of the weights that passes are taken at. */
  #weights: number;
  /** Whose copy lies beside the parameters. */
  #base: WeakRef<VectorSource> | null = null;
  #step = 0;

  constructor(
    can: EngineCapabilities,
    plan: Plan,
    memory: WebAssembly.Memory,
    { runner, maxSequences, slices }: CpuEngineParts,
  ) {
    this.config = plan.config;
    this.layout = plan.tensors;
    this.capabilities = can;
    this.plan = {
      device: can.description,
      precision: 'f32',
      policy: 'W16',
      checkpointing: false,
      passSequences: plan.passSequences,
      bytes: plan.bytes,
      waitingBytes: 0,
      budgetBytes: null,
    };
    this.#plan = plan;
    this.#memory = memory;
    this.#runner = runner;
    this.#maxSequences = maxSequences;
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
      const loss = await this.#microStep(batch, { accumulate: false, microBatches: 1 }, signal);
      sketches.push(await this.#sketch(sketchSeed!));
      // The gradient of a batch that is alone stands there already.
      if (batches.length === 1) return { loss, sketches };
    }
    let sum = 0;
    for (const [index, batch] of batches.entries())
      sum += await this.#microStep(batch, { accumulate: index > 0, microBatches: batches.length }, signal);
    return { loss: sum / batches.length, sketches };
  }

  async losses(batches: readonly Batch[]): Promise<readonly number[]> {
    const weights = this.#weights;
    const losses: number[] = [];
    for (const batch of batches)
      losses.push(await this.#inPasses(batch, (sequences) => ({ kind: 'eval', sequences, weights })));
    return losses;
  }

  async atBase<T>(base: VectorSource, work: () => Promise<T>): Promise<T> {
    this.#checkAtParameters();
    if (this.#base?.deref() !== base) {
      this.#base = null;
      const into = new Float32Array(this.#memory.buffer, this.#plan.base, this.#plan.count);
      for await (const { offset, values } of windowsOf(base, this.#plan.count))
        await this.#copy(values, into.subarray(offset));
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
    return normOf(normPartsIn(this.#memory, this.#plan));
  }

  async optimizerStep(settings: AdamWSettings): Promise<OptimizerStepResult> {
    const { clip, lr, beta1, beta2, eps, weightDecay } = settings;
    this.#checkAtParameters();
    const step = this.#step + 1;
    await this.#runner.run({ kind: 'adamw', clip, beta1, beta2, eps, lr, weightDecay, step });
    const gradNorm = normOf(normPartsIn(this.#memory, this.#plan));
    const applied = Number.isFinite(gradNorm);
    if (applied) this.#step = step;
    return { gradNorm, applied };
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

  #microStep(
    batch: Batch,
    { accumulate, microBatches }: { readonly accumulate: boolean; readonly microBatches: number },
    signal?: AbortSignal,
  ): Promise<number> {
    const scale = 1 / (Math.max(1, countTargets(batch.targets)) * microBatches);
    const weights = this.#weights;
    return this.#inPasses(
      batch,
      (sequences, pass) => ({
        ...{ kind: 'microStep', sequences, scale, weights },
        accumulate: accumulate || pass > 0,
      }),
      signal,
    );
  }

  /** A command for each pass of a micro-batch, one behind the other. @returns its mean loss */
  async #inPasses(
    batch: Batch,
    command: (sequences: number, pass: number) => Command,
    signal?: AbortSignal,
  ): Promise<number> {
    checkBatch(batch.ids, batch.targets, this.config, this.#maxSequences);
    let sum = 0;
    for (const [index, pass] of passesOf(batch, this.#plan.passSequences, this.config).entries()) {
      signal?.throwIfAborted();
      this.#place(pass);
      await this.#runner.run(command(pass.ids.length / this.config.context, index));
      sum += this.#lossSum(pass.ids.length);
    }
    return sum / Math.max(1, countTargets(batch.targets));
  }

  async #sketch(seed: Uint8Array): Promise<number[]> {
    const [keyA, keyB] = sketchKeys(seed);
    await this.#runner.run({ kind: 'sketch', keyA, keyB });
    const { sketchParts: parts, sketchSums } = this.#plan;
    const sums = new Float64Array(this.#memory.buffer, sketchSums, parts.length * SKETCH_SUMS);
    return sketchOfSums(this.layout, parts, sums);
  }

  #place({ ids, targets }: Batch): void {
    new Uint16Array(this.#memory.buffer, this.#plan.ids, ids.length).set(ids);
    new Uint16Array(this.#memory.buffer, this.#plan.targets, targets.length).set(targets);
  }

  /** The kernels leave sum and distance per row; logarithm and sum are taken here, in float64 and in order. */
  #lossSum(rows: number): number {
    const parts = new Float32Array(this.#memory.buffer, this.#plan.lossParts, 2 * rows);
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += Math.log(parts[2 * row]!) + parts[2 * row + 1]!;
    return sum;
  }
}
