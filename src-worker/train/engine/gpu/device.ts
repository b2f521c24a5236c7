/// <reference types="@webgpu/types" />
import { Failing } from '../../../../src-node/waits.ts';
import type { Adapter } from '../../../../src-shared/cards/adapter.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { GPU_ANSWER_LIMIT_MS, MAX_BINDING_BYTES, MAX_CHUNK_BYTES } from '../limits.ts';
import { adapterOf } from './adapters.ts';
import { fromDriver, instanceOf } from './instance.ts';
import { MATRIX_FEATURE, matrixTilings } from './wgsl/subgroup-matrix.ts';

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
   * @throws {AppError} ENGINE_DEVICE_LOST when its driver gives it up or nothing comes; CANCELLED once it is disposed; INTERNAL
   */
  answer<T>(work: Promise<T>): Promise<T>;
  /**
   * Resolves after the pause.
   * @throws {AppError} as `answer`, as soon as the device is gone or disposed
   */
  pause(pauseMs: number): Promise<void>;
  dispose(): void;
}

export interface DeviceOptions {
  /** Dawn's own words, e.g. `backend=vulkan` and `adapter=name`. */
  readonly flags?: readonly string[];
  /** The card that was chosen; default: the one that the system's drivers offer first. */
  readonly adapter?: Adapter;
  /** Told before anybody else when the driver gives the device up, or it no longer answers. */
  readonly whenLost?: (() => Promise<void>) | undefined;
  /** Also what no run on such a card has proven yet: for measurements alone. */
  readonly isUnproven?: boolean;
  readonly signal?: AbortSignal;
}

/** What the engine makes use of where an adapter has it. */
const FEATURES = ['shader-f16', 'timestamp-query'] as const;

/** G3 needs both. */
const MATRIX_FEATURES = ['subgroups', MATRIX_FEATURE] as GPUFeatureName[];

/** Of these and of what was proven on such a card, what this one has. Types do not know what is experimental. */
function wantedOf({ features, info }: GPUAdapter, isUnproven: boolean): GPUFeatureName[] {
  const isProven = isUnproven || matrixTilings(info.vendor, info.architecture).length > 0;
  const wanted = [...FEATURES, ...(isProven ? MATRIX_FEATURES : [])];
  return wanted.filter((feature) => features.has(feature));
}

/** The adapter that the system's drivers offer first; null where there is none. */
export async function findAdapter(
  flags: readonly string[] = [],
  signal?: AbortSignal,
): Promise<GPUAdapter | null> {
  const gpu = await instanceOf(flags);
  return fromDriver(gpu.requestAdapter({ powerPreference: 'high-performance' }), signal);
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
 * @throws {AppError} ENGINE_NO_GPU where no adapter is offered, CARD_GONE where the chosen one is not; TIMEOUT, CANCELLED
 */
export async function openDevice({
  flags = [],
  adapter: chosen,
  whenLost,
  isUnproven = false,
  signal,
}: DeviceOptions = {}): Promise<GpuDevice> {
  const adapter = await (chosen ? adapterOf(chosen, flags, signal) : findAdapter(flags, signal));
  signal?.throwIfAborted();
  if (!adapter && chosen) throw new AppError('CARD_GONE', { device: chosen.name });
  if (!adapter) throw new AppError('ENGINE_NO_GPU', {});
  const { limits } = adapter;
  const { maxBufferSize, maxStorageBufferBindingSize } = limits;
  const asked = adapter.requestDevice({
    requiredFeatures: wantedOf(adapter, isUnproven),
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
  });
  const device = await fromDriver(asked, signal);
  // Where it was chosen its name is as a person chose it; a driver's other name for it is made for programs.
  const facts = { ...factsOf(adapter), ...chosen };
  // Nobody may be waiting when it fails; the next wait reports it.
  const failing = new Failing();
  device.lost.then(({ message }) => {
    failing.fail(new AppError('ENGINE_DEVICE_LOST', { device: facts.name, reason: message }));
  });
  device.onuncapturederror = ({ error }) =>
    failing.fail(new AppError('INTERNAL', {}, new Error(error.message)));
  // Once, and before the process ends for it, which it does as soon as somebody hears.
  let telling: Promise<void> | null = null;
  const told = (lost: AppError): Promise<void> => {
    telling ??= (whenLost?.() ?? Promise.resolve()).catch((thrown: unknown) => {
      console.error('the loss of the device was not kept', lost, thrown);
    });
    return telling;
  };
  const heard = async <T>(wait: Promise<T>): Promise<T> => {
    try {
      return await wait;
    } catch (thrown) {
      const lost = asLoss(thrown, facts.name);
      if (lost) await told(lost);
      throw lost ?? thrown;
    }
  };
  return {
    device,
    facts,
    limits: {
      bufferBytes: Math.min(device.limits.maxBufferSize, MAX_CHUNK_BYTES),
      bindingBytes: Math.min(device.limits.maxStorageBufferBindingSize, MAX_BINDING_BYTES),
    },
    answer: (work) => heard(failing.within(work, facts.name, GPU_ANSWER_LIMIT_MS)),
    pause: (pauseMs) => heard(failing.pause(pauseMs)),
    dispose() {
      // First: that it is lost by then is no loss.
      failing.fail(new AppError('CANCELLED', {}));
      device.destroy();
    },
  };
}

/** A device that does not answer for so long is lost as well: nothing but a new process brings it back. */
function asLoss(thrown: unknown, device: string): AppError | null {
  if (!(thrown instanceof AppError)) return null;
  if (thrown.code === 'ENGINE_DEVICE_LOST') return thrown;
  if (thrown.code !== 'TIMEOUT') return null;
  const reason = `no answer for ${GPU_ANSWER_LIMIT_MS / 1_000} s`;
  return new AppError('ENGINE_DEVICE_LOST', { device, reason }, thrown);
}
