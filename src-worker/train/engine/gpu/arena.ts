import { type MemoryUse, planBytes } from '../../../../src-shared/contract/memory-plan.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { STAGING_BYTES } from '../limits.ts';
import type { GpuDevice } from './device.ts';
import { type Taker, Tally, type View } from './tally.ts';

/** What is copied between the flat vector and the device in one go. */
export interface Copy {
  readonly buffer: GPUBuffer;
  readonly byteOffset: number;
  readonly elements: number;
}

/** All memory of an engine on one device, taken once at its start. */
export class Arena implements Taker {
  readonly #gpu: GpuDevice;
  readonly #buffers: GPUBuffer[] = [];
  readonly #staging: GPUBuffer;
  readonly #tally = new Tally();
  /** Bytes that went over the bus since the start, either way. */
  busBytes = 0;

  private constructor(gpu: GpuDevice) {
    this.#gpu = gpu;
    this.#staging = this.#make(STAGING_BYTES, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  }

  /**
   * Runs `build`, which takes all buffers.
   * @throws {AppError} ENGINE_GPU_MEMORY when the device does not have as much
   */
  static async build<T>(gpu: GpuDevice, build: (taker: Taker) => T): Promise<{ arena: Arena; built: T }> {
    gpu.device.pushErrorScope('out-of-memory');
    gpu.device.pushErrorScope('validation');
    const arena = new Arena(gpu);
    const built = build(arena);
    const invalid = await gpu.answer(gpu.device.popErrorScope());
    const lacking = await gpu.answer(gpu.device.popErrorScope());
    if (!invalid && !lacking) return { arena, built };
    arena.dispose();
    throw new AppError(
      'ENGINE_GPU_MEMORY',
      { device: gpu.facts.name, neededMib: Math.ceil(planBytes(arena) / 2 ** 20) },
      new Error((invalid ?? lacking)!.message),
    );
  }

  /** Bytes of device memory by use. */
  get bytes(): Readonly<Record<MemoryUse, number>> {
    return this.#tally.bytes;
  }

  floats(count: number, use: MemoryUse): View {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    return this.#view(this.#tally.floats(count, use), usage);
  }

  uniforms(bytes: number): View {
    return this.#view(this.#tally.uniforms(bytes), GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
  }

  #view({ size }: View, usage: number): View {
    return { buffer: this.#make(size, usage), offset: 0, size };
  }

  #make(size: number, usage: number): GPUBuffer {
    const buffer = this.#gpu.device.createBuffer({ size, usage });
    this.#buffers.push(buffer);
    return buffer;
  }

  /** Puts numbers into a buffer behind what is queued already. */
  write(view: View, data: Uint32Array | Float32Array, byteOffset = 0): void {
    this.busBytes += data.byteLength;
    this.#gpu.device.queue.writeBuffer(
      view.buffer,
      view.offset + byteOffset,
      data as typeof data & { buffer: ArrayBuffer },
    );
  }

  /** Copies into `into` one piece after the other, at most a staging buffer at a time. Nothing is under way. */
  async read(copies: readonly Copy[], into: Float32Array): Promise<void> {
    let filled = 0;
    for (const batch of batches(copies)) {
      const encoder = this.#gpu.device.createCommandEncoder();
      let at = 0;
      for (const { buffer, byteOffset, elements } of batch) {
        encoder.copyBufferToBuffer(buffer, byteOffset, this.#staging, at, 4 * elements);
        at += 4 * elements;
      }
      this.#gpu.device.queue.submit([encoder.finish()]);
      await this.staged(into.subarray(filled, filled + at / 4));
      filled += at / 4;
    }
  }

  /** Where something small is put that is read back right behind the work that it comes of. */
  get staging(): View {
    return { buffer: this.#staging, offset: 0, size: STAGING_BYTES };
  }

  /** What lies in `staging`, once all that was handed over is done. */
  async staged(into: Float32Array): Promise<void> {
    const bytes = into.byteLength;
    await this.#gpu.answer(this.#staging.mapAsync(GPUMapMode.READ, 0, bytes));
    into.set(new Float32Array(this.#staging.getMappedRange(0, bytes)));
    this.#staging.unmap();
    this.busBytes += bytes;
  }

  dispose(): void {
    for (const buffer of this.#buffers) buffer.destroy();
  }
}

/** Cuts copies into groups of a staging buffer's size. */
export function* batches(copies: readonly Copy[], bytes = STAGING_BYTES): Generator<Copy[]> {
  let batch: Copy[] = [];
  let room = bytes / 4;
  for (const { buffer, byteOffset, elements } of copies)
    for (let done = 0; done < elements; ) {
      const size = Math.min(room, elements - done);
      batch.push({ buffer, byteOffset: byteOffset + 4 * done, elements: size });
      done += size;
      room -= size;
      if (room > 0) continue;
      yield batch;
      [batch, room] = [[], bytes / 4];
    }
  if (batch.length > 0) yield batch;
}
