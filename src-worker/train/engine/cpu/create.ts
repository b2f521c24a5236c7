import { availableParallelism } from 'node:os';
import { type ModelConfig, parameterCount } from '../../../../src-shared/model/layout.ts';
import { Slices } from '../../slices.ts';
import type { Engine, EngineBackend, EngineCapabilities, EngineOptions } from '../engine.ts';
import { checkShape, INLINE_MAX_PARAMETERS, MAX_THREADS } from '../limits.ts';
import { unthrottled } from '../throttle.ts';
import { CpuEngine } from './cpu-engine.ts';
import { fittingPlans, MAX_PARAMETERS, reserveFirst } from './fit.ts';
import type { KernelVariant } from './kernels.ts';
import { inlineRunner, startPool } from './pool.ts';
import { chooseKernels } from './variants.ts';

export type CpuEngineOptions = EngineOptions & {
  /** Which build of the kernels; default: the fastest that computes right here. */
  readonly variant?: KernelVariant;
  /** Run on the calling thread (one thread only). Default: for one thread and a small model. */
  readonly isInline?: boolean;
  /** Who is told how much was copied in one go. */
  readonly slices?: Slices;
  /** Sequences of a pass at most, where fewer are wanted than memory would hold. */
  readonly mostInPass?: number;
};

const VARIANT_TOLD: Readonly<Record<KernelVariant, string>> = {
  simd: 'plain vectors',
  relaxed: 'vectors',
  wide: 'wide vectors',
};

function capabilities(threads: number, variant: KernelVariant): EngineCapabilities {
  return {
    id: 'cpu',
    description: `processor, ${threads} ${threads === 1 ? 'thread' : 'threads'}, ${VARIANT_TOLD[variant]}`,
    precision: 'f32',
    threads,
    isDeterministic: true,
    maxParameters: MAX_PARAMETERS,
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

/** @throws {AppError} ENGINE_UNAVAILABLE, ENGINE_TOO_LARGE, ENGINE_MEMORY */
export async function createCpuEngine(config: ModelConfig, options: CpuEngineOptions): Promise<Engine> {
  const threads = Math.min(MAX_THREADS, Math.max(1, Math.floor(options.threads ?? 1)));
  const { module, variant } = await chooseKernels(options.variant);
  const can = capabilities(threads, variant);
  checkShape(config);
  const { maxSequences, mostInPass } = options;
  const { plan, memory } = reserveFirst(fittingPlans(config, { maxSequences, threads, mostInPass }));
  const isInline = options.isInline ?? (threads === 1 && parameterCount(config) <= INLINE_MAX_PARAMETERS);
  const { throttle = unthrottled } = options;
  const runner = isInline
    ? inlineRunner(module, memory, plan, throttle)
    : await startPool(module, memory, plan, { throttle, ...(options.signal && { signal: options.signal }) });
  return new CpuEngine(can, plan, memory, { runner, maxSequences, slices: options.slices ?? new Slices() });
}
