import type { MemoryPlan } from '../../../../src-shared/contract/memory-plan.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import type { ModelConfig } from '../../../../src-shared/model/layout.ts';
import { parameterCount, parameterLayout } from '../../../../src-shared/model/layout.ts';
import type { VectorSource } from '../../vector-source.ts';
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
import { checkBatch, checkWindow, EngineMisuse, LOSS_SCALE_TRIES, MAX_MICRO_BATCHES } from '../limits.ts';
import type { Throttle } from '../throttle.ts';
import type { Arena } from './arena.ts';
import type { Compiled, Ops } from './compile.ts';
import type { GpuDevice } from './device.ts';
import { GpuLossScaling } from './loss-scaling.ts';
import { type Memory, PLACE_BYTES, within } from './memory.ts';
import { type PassPlace, paramsOf } from './params.ts';
import { rowsInRun } from './passes/head.ts';
import type { Op } from './pipelines.ts';
import { Queue } from './queue.ts';
import { tokensOf, trainedTokensOf } from './tokens.ts';
import { Transfer } from './transfer.ts';
import { Weights } from './weights.ts';
import { SCALE_AT } from './wgsl/kernel.ts';

export interface GpuEngineParts {
  readonly arena: Arena;
  readonly memory: Memory;
  readonly ops: Ops;
  readonly can: EngineCapabilities;
  readonly plan: MemoryPlan;
  readonly maxSequences: number;
  readonly throttle: Throttle;
  /** Ends the device, where it is the engine's own. */
  readonly whenDisposed?: (() => void) | undefined;
}

/** The engine on a graphics card: everything stays there but tokens, losses, sketches and windows that are asked for. */
export class GpuEngine implements Engine {
  readonly config: ModelConfig;
  readonly layout: Engine['layout'];
  readonly capabilities: EngineCapabilities;
  readonly plan: MemoryPlan;
  readonly lossScaling: GpuLossScaling | null;
  readonly #parts: GpuEngineParts;
  readonly #queue: Queue;
  readonly #transfer: Transfer;
  readonly #count: number;
  readonly #weights: Weights;
  #isAtBase = false;
  #steps = 0;

  constructor(gpu: GpuDevice, parts: GpuEngineParts) {
    this.config = parts.memory.config;
    this.layout = parameterLayout(this.config);
    this.capabilities = parts.can;
    this.plan = parts.plan;
    this.#parts = parts;
    this.#queue = new Queue(gpu, parts.throttle);
    this.#transfer = new Transfer(this.#queue, parts.arena, parts.memory.placement);
    const { optimizer } = parts.ops;
    this.#weights = new Weights({ ...parts, optimizer, queue: this.#queue, transfer: this.#transfer });
    this.#count = parameterCount(this.config);
    this.lossScaling =
      parts.memory.format === 'f16'
        ? new GpuLossScaling(this.#queue, parts.arena, parts.memory.lossScale)
        : null;
    // Here and not with the weights alone: a snapshot may bring none, and a scale of 0 trains on zeros.
    this.lossScaling?.write(null);
  }

  /** Bytes that went over the bus since the start, either way. */
  get busBytes(): number {
    return this.#parts.arena.busBytes;
  }

  get steps(): number {
    return this.#steps;
  }

  setSteps(steps: number): void {
    this.#steps = steps;
  }

  async load(flat: Float32Array): Promise<void> {
    checkWindow(flat.length, 0, this.#count, { whole: true });
    await this.#weights.load(flat);
    this.#queue.clear(this.#parts.memory.gradient.chunks);
    await this.zeroMoments();
    this.lossScaling?.write(null);
  }

  async gradient(batches: readonly Batch[], { sketchSeed, signal }: GradientOptions = {}): Promise<Gradient> {
    this.#check(batches);
    await this.#stand();
    return this.#queue.until(signal, () => this.#gradient(batches, sketchSeed));
  }

  async #gradient(batches: readonly Batch[], sketchSeed?: Uint8Array): Promise<Gradient> {
    const sketches: number[][] = [];
    for (const batch of sketchSeed ? batches : []) sketches.push(await this.#sketch(batch, sketchSeed!));
    const microBatches = batches.length;
    let slot = 0;
    for (const batch of sketches.length === 1 ? [] : batches)
      slot = await this.#microStep(batch, { slot, microBatches });
    const losses = await this.#losses(batches);
    return { loss: losses.reduce((sum, loss) => sum + loss, 0) / batches.length, sketches };
  }

  /**
   * The sketch of one micro-batch's gradient, which is held then. Others take it too, and compare: where something did
   * not fit into float16 it is taken again with a smaller loss scale.
   * @throws {AppError} ENGINE_OVERFLOW where it does not fit with the least one either
   */
  async #sketch(batch: Batch, seed: Uint8Array): Promise<number[]> {
    const { arena, memory, ops } = this.#parts;
    for (let left = LOSS_SCALE_TRIES; ; left -= 1) {
      await this.#microStep(batch, { slot: 0, microBatches: 1 });
      const sketch = await ops.sketch.take(this.#queue, arena, seed);
      if (memory.format === 'f32') return sketch;
      const [raised] = await this.#queue.read(arena, memory.overflow, 1);
      if (raised === 0) return sketch;
      if (left === 0) throw new AppError('ENGINE_OVERFLOW', {});
      await ops.optimizer.lowerLossScale(this.#queue, arena);
    }
  }

  async losses(batches: readonly Batch[]): Promise<readonly number[]> {
    this.#check(batches);
    await this.#stand();
    const { forward, headEval, lossSum } = this.#compiled();
    let slot = 0;
    for (const batch of batches)
      for (const pass of this.#passes(batch)) {
        const rows = pass.ids.length;
        const tokens = tokensOf(pass, this.#parts.memory.tokenPlaces);
        await this.#place(rows, tokens, { slot, scale: 0, share: 0 });
        slot += 1;
        await this.#queue.run(forward, rows);
        await this.#head(headEval, rows);
        await this.#queue.run(lossSum, rows);
      }
    return this.#losses(batches);
  }

  async gradNorm(): Promise<number> {
    const { arena, memory, ops } = this.#parts;
    await ops.optimizer.norm(this.#queue, arena);
    const [norm] = await this.#queue.read(arena, memory.decision, 1);
    return norm!;
  }

  async optimizerStep(settings: AdamWSettings): Promise<OptimizerStepResult> {
    this.#checkAtParameters();
    await this.#weights.standAtParameters();
    const { arena, memory, ops } = this.#parts;
    await ops.optimizer.step(this.#queue, arena, { ...settings, step: this.#steps + 1 });
    const [gradNorm, , finite, lossScale] = await this.#queue.read(arena, memory.decision, 4);
    const applied = finite === 1;
    if (applied) this.#steps += 1;
    return { gradNorm: gradNorm!, applied, ...(memory.format === 'f16' && { lossScale: lossScale! }) };
  }

  async atBase<T>(base: VectorSource, work: () => Promise<T>): Promise<T> {
    this.#checkAtParameters();
    await this.#weights.standAtBase(base, this.#count);
    this.#isAtBase = true;
    try {
      return await work();
    } finally {
      this.#isAtBase = false;
    }
  }

  async read(vector: EngineVector, into: Float32Array, offset = 0): Promise<void> {
    checkWindow(into.length, offset, this.#count);
    if (vector === 'parameters') await this.#weights.read(into, offset);
    else await this.#transfer.read(this.#parts.memory[vector], into, offset);
  }

  async write(vector: Exclude<EngineVector, 'gradient'>, from: Float32Array, offset = 0): Promise<void> {
    checkWindow(from.length, offset, this.#count);
    if (vector === 'parameters') await this.#weights.write(from, offset);
    else await this.#transfer.write(this.#parts.memory[vector], from, offset);
  }

  async zeroMoments(): Promise<void> {
    const { m, v } = this.#parts.memory;
    this.#queue.clear([...m.chunks, ...v.chunks]);
    this.#steps = 0;
  }

  async dispose(): Promise<void> {
    await this.#queue.idle().catch(() => {});
    this.#parts.arena.dispose();
    this.#parts.whenDisposed?.();
  }

  /** Whatever is computed next finds what it is computed at. */
  async #stand(): Promise<void> {
    if (!this.#isAtBase) await this.#weights.standAtParameters();
  }

  #compiled(): Compiled {
    const { ops } = this.#parts;
    return this.#isAtBase ? ops.base : ops.parameters;
  }

  /**
   * Adds a micro-batch to the gradient, which is begun with the one whose loss has the first place.
   * @returns the place of the next loss
   */
  async #microStep(
    batch: Batch,
    { slot, microBatches }: { readonly slot: number; readonly microBatches: number },
  ): Promise<number> {
    const { forward, headTrain, lossSum, backward } = this.#compiled();
    const { gradient, overflow, tokenPlaces } = this.#parts.memory;
    const scale = 1 / Math.max(1, countTargets(batch.targets));
    let next = slot;
    for (const pass of this.#passes(batch)) {
      const rows = pass.ids.length;
      const tokens = trainedTokensOf(pass, tokenPlaces);
      await this.#place(rows, tokens, { slot: next, scale, share: 1 / microBatches });
      // Behind what is written, for which all that is recorded is handed over.
      if (next === 0) this.#queue.clear([...gradient.chunks, overflow]);
      next += 1;
      await this.#queue.run(forward, rows);
      await this.#head(headTrain, rows);
      await this.#queue.run(lossSum, rows);
      await this.#queue.run(backward, rows);
    }
    return next;
  }

  /** A micro-batch in parts that memory was planned for. */
  #passes(batch: Batch): Batch[] {
    return passesOf(batch, this.plan.passSequences, this.config);
  }

  async #head(runs: readonly (readonly Op[])[], rows: number): Promise<void> {
    for (const [index, run] of this.#parts.memory.head.entries()) {
      const own = rowsInRun(run, rows);
      if (own > 0) await this.#queue.run(runs[index]!, own);
    }
  }

  /** Puts a pass of so many rows where the kernels find it, behind all that is queued, which is handed over. */
  async #place(rows: number, tokens: Uint32Array, place: PassPlace): Promise<void> {
    const { arena, memory } = this.#parts;
    await this.#queue.flush();
    this.#queue.write32(arena, memory.tokens, tokens);
    this.#queue.write32(arena, memory.params, paramsOf(memory, rows, place));
    if (memory.format === 'f32') return;
    // The device knows the loss scale; it may be another one by the time that this is worked off.
    for (let index = 0; index <= memory.head.length; index += 1)
      this.#queue.copy(
        within(memory.lossScale, 0, 8),
        within(memory.params, index * PLACE_BYTES + SCALE_AT, 8),
      );
  }

  async #losses(batches: readonly Batch[]): Promise<number[]> {
    const { arena, memory } = this.#parts;
    const passes = batches.map((batch) => this.#passes(batch).length);
    const total = passes.reduce((sum, count) => sum + count, 0);
    const sums = await this.#queue.read(arena, memory.lossSlots, total);
    let slot = 0;
    return batches.map(({ targets }, index) => {
      const own = sums.subarray(slot, slot + passes[index]!);
      slot += passes[index]!;
      return own.reduce((sum, loss) => sum + loss, 0) / Math.max(1, countTargets(targets));
    });
  }

  #check(batches: readonly Batch[]): void {
    if (batches.length > MAX_MICRO_BATCHES) throw new EngineMisuse(`${batches.length} micro-batches at once`);
    for (const { ids, targets } of batches) checkBatch(ids, targets, this.config, this.#parts.maxSequences);
  }

  #checkAtParameters(): void {
    if (this.#isAtBase) throw new EngineMisuse('not while the base is worked at');
  }
}
