import { AppError } from '../../../../src-shared/errors/app-error.ts';
import type { GpuDevice } from './device.ts';
import type { View } from './tally.ts';
import type { Groups, Kernel } from './wgsl/kernel.ts';
import type { Work } from './work.ts';

/** One dispatch, made once: how many workgroups it has follows from the micro-batch. */
export interface Op {
  readonly name: string;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  /** For so many rows. */
  groups(rows: number): Groups;
  /** What so many rows take, for the pace. */
  work(rows: number): Work;
  /** The number of its first workgroup, for one that may be cut. */
  readonly begin: View | null;
}

/** A dispatch before its shader is compiled. */
export interface OpPlan {
  readonly kernel: Kernel;
  readonly views: readonly View[];
  groups(rows: number): Groups;
  work(rows: number): Work;
}

const TYPES = {
  uniform: 'uniform',
  read: 'read-only-storage',
  write: 'storage',
  flag: 'storage',
} as const;

/** Compiled shaders of one device; equal ones are compiled once. */
export class Pipelines {
  readonly #gpu: GpuDevice;
  readonly #compiled = new Map<string, Promise<GPUComputePipeline>>();

  constructor(gpu: GpuDevice) {
    this.#gpu = gpu;
  }

  /**
   * Compiles what is not compiled yet and binds each plan's buffers.
   * @throws {AppError} INTERNAL when the device does not let them be bound
   */
  async ops(plans: readonly OpPlan[]): Promise<Op[]> {
    const pipelines = await Promise.all(plans.map(({ kernel }) => this.compile(kernel)));
    const { device } = this.#gpu;
    // Nothing else is asked of the device between these two.
    device.pushErrorScope('validation');
    const ops = plans.map((plan, index) => this.#op(plan, pipelines[index]!));
    const invalid = await this.#gpu.answer(device.popErrorScope());
    if (invalid) throw new AppError('INTERNAL', {}, new Error(invalid.message));
    return ops;
  }

  #op({ kernel, views, groups, work }: OpPlan, pipeline: GPUComputePipeline): Op {
    const bindGroup = this.#gpu.device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: views.map((resource, binding) => ({ binding, resource })),
    });
    const begin = beginOf(kernel, views);
    return { name: kernel.key, pipeline, bindGroup, groups: kept(groups), work: kept(work), begin };
  }

  /**
   * The pipeline of a shader, compiled once. One that does not compile is no fault of the device.
   * @throws what the compiler says; {AppError} as the device's answers
   */
  compile(kernel: Kernel): Promise<GPUComputePipeline> {
    let compiled = this.#compiled.get(kernel.key);
    if (!compiled) {
      compiled = this.#compile(kernel);
      this.#compiled.set(kernel.key, compiled);
    }
    return compiled;
  }

  async #compile({ key, code, access }: Kernel): Promise<GPUComputePipeline> {
    const { device } = this.#gpu;
    device.pushErrorScope('validation');
    const layout = device.createBindGroupLayout({
      entries: access.map((how, binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: TYPES[how] },
      })),
    });
    const pipeline = device.createComputePipelineAsync({
      label: key,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: device.createShaderModule({ label: key, code }), entryPoint: 'main' },
    });
    const [made] = await this.#gpu.answer(Promise.all([pipeline, device.popErrorScope()]));
    return made;
  }
}

/** The last answer is kept: a pass has mostly as many rows as the one before. */
function kept<T>(of: (rows: number) => T): (rows: number) => T {
  let last: { readonly rows: number; readonly value: T } | null = null;
  return (rows) => {
    if (last?.rows !== rows) last = { rows, value: of(rows) };
    return last.value;
  };
}

function beginOf({ begin }: Kernel, views: readonly View[]): View | null {
  if (!begin) return null;
  const { buffer, offset } = views[begin.binding]!;
  return { buffer, offset: offset + begin.byte, size: 4 };
}
