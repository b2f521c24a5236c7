import { orAbort } from '../../../../src-node/waits.ts';
import { adapterBackends, kindOf } from '../../../../src-shared/cards/adapter.ts';
import { type MemoryPlan, planBytes } from '../../../../src-shared/contract/memory-plan.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import type { ModelConfig } from '../../../../src-shared/model/layout.ts';
import type { Engine, EngineBackend, EngineCapabilities, EngineOptions } from '../engine.ts';
import { checkConfig } from '../limits.ts';
import { unthrottled } from '../throttle.ts';
import { Arena } from './arena.ts';
import { compile } from './compile.ts';
import { type AdapterFacts, factsOf, findAdapter, type GpuDevice, openDevice } from './device.ts';
import { GpuEngine, type GpuEngineParts } from './gpu-engine.ts';
import type { Memory } from './memory.ts';
import { PassParts } from './passes/parts.ts';
import { Pipelines } from './pipelines.ts';
import { arrangements, bestFit, type Choices, cannotFit, type PlanRequest, policyOf } from './plan.ts';
import { type TilingOf, untuned } from './tune/tune.ts';
import type { Format } from './wgsl/format.ts';
import { CARD_LANES, SOFTWARE_LANES } from './wgsl/kernel.ts';

export type GpuEngineOptions = EngineOptions & {
  /** Dawn's own words for one of several adapters. */
  readonly flags?: readonly string[];
  /** Sequences that go through the model at a time, at most; default: as many as memory holds. */
  readonly mostInPass?: number;
  /** What of its memory is not to be planned; default: as suits what can be had. */
  readonly fixed?: Partial<Choices>;
  /** Of what products multiply; default: float16 where a card has it. */
  readonly precision?: Format;
  /** How products are cut; default: what suits the kind of adapter. */
  readonly tilingOf?: TilingOf;
  /** Less than the device allows of one buffer and of one window. */
  readonly limits?: Partial<GpuDevice['limits']>;
  /** Bytes of device memory that the engine may take; default: what there is. */
  readonly budgetBytes?: number | null;
  /** Bytes of the computer's memory that it may take beside; default: what there is. */
  readonly ramBytes?: number | null;
};

function capabilities(facts: AdapterFacts, precision: Format): EngineCapabilities {
  const backend = adapterBackends.find((one) => one === facts.backend);
  return {
    id: 'gpu',
    ...(backend && { backend }),
    description: [facts.name, facts.backend, precision].filter(Boolean).join(', '),
    precision,
    threads: 0,
    isDeterministic: true,
    // What fits is decided by the memory that the device gives.
    maxParameters: 2_000_000_000,
  };
}

/** What an adapter multiplies unless it is told: a processor that plays one is no faster with float16. */
const precisionOf = (features: ReadonlySet<string>, { isSoftware }: AdapterFacts): Format =>
  features.has('shader-f16') && !isSoftware ? 'f16' : 'f32';

/** What a device may multiply, the best first. */
export const precisionsOf = ({ device, facts }: GpuDevice): readonly Format[] =>
  precisionOf(device.features, facts) === 'f16' ? ['f16', 'f32'] : ['f32'];

export const gpuBackend = (flags: readonly string[] = [], precision?: Format): EngineBackend => ({
  async probe() {
    try {
      const adapter = await findAdapter(flags);
      if (!adapter) return { available: false, reason: 'no driver offers a graphics card' };
      const facts = factsOf(adapter);
      const own = precision ?? precisionOf(adapter.features, facts);
      return { available: true, capabilities: capabilities(facts, own) };
    } catch (error) {
      return { available: false, reason: error instanceof Error ? error.message : String(error) };
    }
  },
  create: (config, options) =>
    createGpuEngine(config, { ...options, flags, ...(precision && { precision }) }),
});

/**
 * A device of its own, and an engine on it.
 * @throws {AppError} ENGINE_NO_GPU, ENGINE_GPU_MEMORY, ENGINE_GPU_SMALL, ENGINE_RAM_SMALL, ENGINE_SHAPE
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
    budgetBytes = null,
    ramBytes = null,
    mostInPass = maxSequences,
    fixed = {},
    precision = precisionOf(whole.device.features, whole.facts),
    tilingOf,
    limits,
    signal,
    whenDisposed,
  } = options;
  const throttle = options.throttle ?? unthrottled;
  const gpu = { ...whole, limits: { ...whole.limits, ...limits } };
  const can = capabilities(gpu.facts, precision);
  checkConfig(config, can);
  checkDepth(config);
  const request = {
    config,
    maxSequences,
    limits: gpu.limits,
    format: precision,
    room: { budgetBytes, ramBytes, sharesRam: sharesMemory(gpu.facts) },
    mostInPass,
    fixed,
  };
  const { arena, memory, plan } = await takeBest(gpu, request);
  // Whoever says how products are cut gets all kernels as a card has them.
  const lanes = gpu.facts.isSoftware && !tilingOf ? SOFTWARE_LANES : CARD_LANES;
  const parts = new PassParts(memory, tilingOf ?? untuned(gpu, precision), lanes);
  const compiling = compile(gpu, pipelines, parts).catch((thrown: unknown) => {
    arena.dispose();
    throw thrown;
  });
  const ops = await (signal ? orAbort(compiling, signal) : compiling);
  return new GpuEngine(gpu, { arena, memory, ops, can, plan, maxSequences, throttle, whenDisposed });
}

/**
 * Takes memory in the best way that can be had: what is known beforehand is planned for, and what the device refuses
 * nevertheless is tried again with less.
 * @throws {AppError} ENGINE_GPU_MEMORY, ENGINE_GPU_SMALL, ENGINE_RAM_SMALL
 */
async function takeBest(
  gpu: GpuDevice,
  request: PlanRequest,
): Promise<{ arena: Arena; memory: Memory; plan: MemoryPlan }> {
  const { room } = request;
  const ways = arrangements(request);
  let refused: { readonly bytes: number; readonly thrown: unknown } | null = null;
  for (;;) {
    const way = bestFit(ways, room, refused?.bytes);
    if (!way) throw cannotFit(ways, gpu.facts.name, room, refused?.thrown);
    try {
      const { arena, built: memory } = await Arena.build(gpu, way.take);
      const { passSequences, isCheckpointed: checkpointing } = way.shape;
      const [device, policy] = [gpu.facts.name, policyOf(way.shape)];
      const { bytes, waitingBytes } = way;
      const plan = {
        device,
        precision: request.format,
        policy,
        checkpointing,
        passSequences,
        bytes,
        waitingBytes,
        budgetBytes: room.budgetBytes,
      } as const;
      return { arena, memory, plan };
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== 'ENGINE_GPU_MEMORY') throw thrown;
      refused = { bytes: planBytes(way), thrown };
    }
  }
}

/** Whether a device has no memory but the computer's, as far as its name tells. */
function sharesMemory({ name, isSoftware }: AdapterFacts): boolean {
  const kind = kindOf({ vendor: '', name, isSoftware });
  return kind === 'integrated' || kind === 'software';
}

function checkDepth({ width, heads }: ModelConfig): void {
  if ((width / heads) % 4 !== 0)
    throw new AppError('ENGINE_SHAPE', { shape: `heads of ${width / heads} channels` });
}
