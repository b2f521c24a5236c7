/// <reference types="@webgpu/types" />
import { within } from '../../../../src-node/waits.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { GPU_ANSWER_LIMIT_MS, MAX_BINDING_BYTES, MAX_CHUNK_BYTES } from '../limits.ts';

/** What is known of an adapter before a device is made of it, in words for the page. */
export interface AdapterFacts {
  /** The name a person knows it by, as far as the driver tells. */
  readonly name: string;
  readonly backend: string;
  /** A processor that plays a graphics card. */
  readonly isSoftware: boolean;
}

export interface GpuDevice {
  readonly device: GPUDevice;
  readonly facts: AdapterFacts;
  /** Most bytes of one buffer, and of what one shader sees of it. */
  readonly limits: { readonly bufferBytes: number; readonly bindingBytes: number };
  /**
   * What the device answers.
   * @throws {AppError} ENGINE_DEVICE_LOST when its driver gives it up; TIMEOUT, CANCELLED once it is disposed; INTERNAL
   */
  answer<T>(work: Promise<T>): Promise<T>;
  dispose(): void;
}

export interface DeviceOptions {
  /** Dawn's own words, e.g. `backend=vulkan` and `adapter=name`. */
  readonly flags?: readonly string[];
  readonly signal?: AbortSignal;
}

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
    Object.assign(globalThis, globals);
    gpu = create(withHalf(flags));
    instances.set(key, gpu);
  }
  return gpu;
}

/** Dawn holds float16 back on NVIDIA's Vulkan driver. Ours is checked against the processor before it is used. */
const HALF_ON_NVIDIA = 'vulkan_enable_f16_on_nvidia';

function withHalf(flags: readonly string[]): string[] {
  const [named] = flags.filter((flag) => flag.startsWith('enable-dawn-features='));
  const others = flags.filter((flag) => flag !== named);
  return [...others, named ? `${named},${HALF_ON_NVIDIA}` : `enable-dawn-features=${HALF_ON_NVIDIA}`];
}

/** What the engine makes use of where an adapter has it. */
const FEATURES = ['shader-f16', 'timestamp-query'] as const;

/** The adapter that the system's drivers offer first; null where there is none. */
export async function findAdapter(flags: readonly string[] = []): Promise<GPUAdapter | null> {
  const gpu = await instanceOf(flags);
  return gpu.requestAdapter({ powerPreference: 'high-performance' });
}

export function factsOf({ info }: GPUAdapter): AdapterFacts {
  const { vendor, architecture, device, description } = info;
  const name = device || description || architecture || vendor || 'graphics card';
  return {
    name,
    backend: /vulkan|d3d12|d3d11|metal|opengl/i.exec(description)?.[0]?.toLowerCase() ?? '',
    isSoftware: /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(
      `${name} ${architecture} ${description}`,
    ),
  };
}

/**
 * A device with all that its adapter allows.
 * @throws {AppError} ENGINE_NO_GPU where no adapter is offered
 */
export async function openDevice({ flags = [], signal }: DeviceOptions = {}): Promise<GpuDevice> {
  const adapter = await findAdapter(flags);
  signal?.throwIfAborted();
  if (!adapter) throw new AppError('ENGINE_NO_GPU', {});
  const { limits } = adapter;
  const device = await adapter.requestDevice({
    requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    },
  });
  const facts = factsOf(adapter);
  const failed = new Promise<never>((_, reject) => {
    device.lost.then(({ reason, message }) => {
      if (reason !== 'destroyed')
        reject(new AppError('ENGINE_DEVICE_LOST', { device: facts.name, reason: message }));
    });
    device.onuncapturederror = ({ error }) => reject(new AppError('INTERNAL', {}, new Error(error.message)));
  });
  // Nobody may be waiting when it fails; the next wait reports it.
  failed.catch(() => {});
  const gone = new AbortController();
  return {
    device,
    facts,
    limits: {
      bufferBytes: Math.min(device.limits.maxBufferSize, MAX_CHUNK_BYTES),
      bindingBytes: Math.min(device.limits.maxStorageBufferBindingSize, MAX_BINDING_BYTES),
    },
    answer: (work) => within(Promise.race([work, failed]), facts.name, GPU_ANSWER_LIMIT_MS, gone.signal),
    dispose() {
      gone.abort();
      device.destroy();
    },
  };
}
