/// <reference types="@webgpu/types" />
import { within } from '../../../../src-node/waits.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { GPU_OPEN_LIMIT_MS } from '../limits.ts';
import { asking } from './asking.ts';
import { MATRIX_TOGGLE, PROVEN_MATRICES } from './wgsl/subgroup-matrix.ts';

/**
 * The objects that `create` returned. Dawn goes with the first of them that is collected, and takes the process along:
 * they stay for as long as it lives.
 */
const instances = new Map<string, GPU>();

/**
 * Loaded when somebody wants a card, and not before: it is a library of 20 MB, and not there for every platform.
 * @throws {AppError} ENGINE_NO_GPU
 */
export async function instanceOf(flags: readonly string[]): Promise<GPU> {
  const { create, globals } = await import('webgpu').catch((thrown: unknown) => {
    throw new AppError('ENGINE_NO_GPU', {}, thrown);
  });
  const key = flags.join(' ');
  let gpu = instances.get(key);
  if (!gpu) {
    // Dawn looks it up at each of its turns.
    if (instances.size === 0) globalThis.setImmediate = asking(globalThis.setImmediate);
    Object.assign(globalThis, globals);
    gpu = create(withAllowed(flags));
    instances.set(key, gpu);
  }
  return gpu;
}

/**
 * What a driver answers before there is a device: which adapters it has, and a device of one.
 * @throws {AppError} TIMEOUT, CANCELLED
 */
export const fromDriver = <T>(answer: Promise<T>, signal = new AbortController().signal): Promise<T> =>
  within(answer, 'graphics driver', GPU_OPEN_LIMIT_MS, signal);

/** Dawn holds float16 back on NVIDIA's Vulkan driver. Ours is checked against the processor before it is used. */
const HALF_ON_NVIDIA = 'vulkan_enable_f16_on_nvidia';
/** What is experimental is allowed once a card was proven to do it rightly. */
const ALLOWED = [HALF_ON_NVIDIA, ...(PROVEN_MATRICES.length > 0 ? [MATRIX_TOGGLE] : [])].join(',');

function withAllowed(flags: readonly string[]): string[] {
  const [named] = flags.filter((flag) => flag.startsWith('enable-dawn-features='));
  const others = flags.filter((flag) => flag !== named);
  return [...others, named ? `${named},${ALLOWED}` : `enable-dawn-features=${ALLOWED}`];
}
