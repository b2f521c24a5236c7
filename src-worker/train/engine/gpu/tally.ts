import type { MemoryUse } from '../../../../src-shared/contract/memory-plan.ts';
import { STAGING_BYTES } from '../limits.ts';

/** A part of a buffer that a shader is bound to. */
export interface View {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

/** Where an engine's buffers come from: a device, or a sum of their sizes. */
export interface Taker {
  /** Numbers of 32 bits, zero at first. */
  floats(count: number, use: MemoryUse): View;
  uniforms(bytes: number): View;
}

/** Stands for a buffer where only sizes are summed up: nobody does anything with it. */
const COUNTED = Object.freeze({}) as GPUBuffer;

/** No buffer is smaller. */
const LEAST_BYTES = 16;

/** Takes nothing: what is built in it comes to the same bytes as on a device, and has the same views. */
export class Tally implements Taker {
  readonly bytes: Record<MemoryUse, number> = {
    weights: 0,
    gradient: 0,
    optimizer: 0,
    activations: 0,
    // What is read back goes through here.
    scratch: STAGING_BYTES,
  };
  /** The most that a shader sees at once: what belongs to the model alone is seen in slices and windows. */
  windowBytes = 0;

  floats(count: number, use: MemoryUse): View {
    return this.#take(4 * count, use);
  }

  uniforms(bytes: number): View {
    return this.#take(bytes, 'scratch');
  }

  #take(bytes: number, use: MemoryUse): View {
    const size = Math.max(LEAST_BYTES, bytes);
    this.bytes[use] += size;
    if (use === 'activations' || use === 'scratch') this.windowBytes = Math.max(this.windowBytes, size);
    return { buffer: COUNTED, offset: 0, size };
  }
}
