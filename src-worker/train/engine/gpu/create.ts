import { type MemoryPlan, planBytes } from '../../../../src-shared/contract/memory-plan.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import type { ModelConfig } from '../../../../src-shared/model/layout.ts';
import type { Engine, EngineBackend, EngineCapabilities, EngineOptions } from '../engine.ts';
import { checkConfig } from '../limits.ts';
import { Arena } from './arena.ts';
import { compile } from './compile.ts';
import { type AdapterFacts, factsOf, findAdapter, type GpuDevice, openDevice } from './device.ts';
import { GpuEngine, type GpuEngineParts } from './gpu-engine.ts';
import { type MemoryShape, takeMemory } from './memory.ts';
import { PassParts } from './passes/parts.ts';
import { Pipelines } from './pipelines.ts';
import { sketchJobs } from './sketching.ts';
import { type Taker, Tally } from './tally.ts';
import type { Tiling } from './wgsl/gemm.ts';
import { workgroupTilings } from './wgsl/workgroup-tile.ts';

export type GpuEngineOptions = EngineOptions & {
  /** Dawn's own words for one of several adapters. */
  readonly flags?: readonly string[];
  /** Keeps a layer's input alone and computes the layer again on the way back. */
  readonly isCheckpointed?: boolean;
  /** Holds the moments of AdamW in 16 bits. */
  readonly hasHalfMoments?: boolean;
  /** How products are cut; default: as suits the kind of adapter. */
  readonly tiling?: Tiling;
  /** Less than the device allows of one buffer and of one window. */
  readonly limits?: Partial<GpuDevice['limits']>;
  /** Bytes of device memory that the engine may take; default: what there is. */
  readonly budgetBytes?: number;
};

function capabilities(facts: AdapterFacts): EngineCapabilities {
  return {
    id: 'gpu',
    description: [facts.name, facts.backend, 'f32'].filter(Boolean).join(', '),
    precision: 'f32',
    threads: 0,
    isDeterministic: true,
    // What fits is decided by the memory that the device gives.
    maxParameters: 2_000_000_000,
  };
}

export const gpuBackend = (flags: readonly string[] = []): EngineBackend => ({
  async probe() {
    try {
      const adapter = await findAdapter(flags);
      if (!adapter) return { available: false, reason: 'no driver offers a graphics card' };
      return { available: true, capabilities: capabilities(factsOf(adapter)) };
    } catch (error) {
      return { available: false, reason: error instanceof Error ? error.message : String(error) };
    }
  },
  create: (config, options) => createGpuEngine(config, { ...options, flags }),
});

/**
 * A device of its own, and an engine on it.
 * @throws {AppError} ENGINE_NO_GPU, ENGINE_GPU_MEMORY, ENGINE_SHAPE
 */
export async function createGpuEngine(config: ModelConfig, options: GpuEngineOptions): Promise<Engine> {
  const { flags, signal } = options;
  const gpu = await openDevice({ ...(flags && { flags }), ...(signal && { signal }) });
  try {
    return await engineOn({ gpu, pipelines: new Pipelines(gpu) }, config, {
      ...options,
      whenDisposed: gpu.dispose,
    });
  } catch (thrown) {
    gpu.dispose();
    throw thrown;
  }
}

/** A device with what is compiled for it. */
export interface Station {
  readonly gpu: GpuDevice;
  readonly pipelines: Pipelines;
}

/** An engine on a device that somebody else opened and ends: several may be there, with the same shaders. */
export async function engineOn(
  { gpu: whole, pipelines }: Station,
  config: ModelConfig,
  options: Omit<GpuEngineOptions, 'flags'> & Pick<GpuEngineParts, 'whenDisposed'>,
): Promise<GpuEngine> {
  const {
    maxSequences,
    isCheckpointed = false,
    hasHalfMoments = false,
    tiling,
    limits,
    signal,
    whenDisposed,
  } = options;
  const budgetBytes = options.budgetBytes ?? null;
  const gpu = { ...whole, limits: { ...whole.limits, ...limits } };
  const can = capabilities(gpu.facts);
  checkConfig(config, can);
  checkDepth(config);
  const shape: MemoryShape = { config, passSequences: maxSequences, isCheckpointed, hasHalfMoments };
  const build = (taker: Taker) =>
    takeMemory(taker, gpu.limits, shape, (placed) => sketchJobs(config, placed).length);
  const { bytes } = tally(build);
  demandFits({ bytes }, gpu.facts, budgetBytes);
  const { arena, built: memory } = await Arena.build(gpu, build);
  const parts = new PassParts(
    memory,
    () => tiling ?? (gpu.facts.isSoftware ? { family: 'G0' } : workgroupTilings(memory.format)[0]!),
  );
  const ops = await compile(gpu, pipelines, parts);
  signal?.throwIfAborted();
  const plan: MemoryPlan = {
    device: gpu.facts.name,
    precision: 'f32',
    policy: hasHalfMoments ? 'W14' : 'W16',
    checkpointing: isCheckpointed,
    passSequences: maxSequences,
    bytes,
    budgetBytes,
  };
  return new GpuEngine(gpu, { arena, memory, ops, can, plan, maxSequences, whenDisposed });
}

/** What `build` would take, by use. */
function tally(build: (taker: Taker) => unknown): Tally {
  const counted = new Tally();
  build(counted);
  return counted;
}

function demandFits(
  plan: Pick<MemoryPlan, 'bytes'>,
  { name }: AdapterFacts,
  budgetBytes: number | null,
): void {
  const needed = planBytes(plan);
  if (budgetBytes !== null && needed > budgetBytes)
    throw new AppError('ENGINE_GPU_MEMORY', { device: name, neededMib: Math.ceil(needed / 2 ** 20) });
}

function checkDepth({ width, heads }: ModelConfig): void {
  if ((width / heads) % 4 !== 0)
    throw new AppError('ENGINE_SHAPE', { shape: `heads of ${width / heads} channels` });
}
