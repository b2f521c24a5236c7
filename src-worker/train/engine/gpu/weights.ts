import { type VectorSource, windowsOf } from '../../vector-source.ts';
import type { Memory } from './memory.ts';
import type { OptimizerOps } from './optimizer.ts';
import type { Queue } from './queue.ts';
import type { Transfer } from './transfer.ts';

interface WeightsParts {
  readonly memory: Memory;
  readonly queue: Queue;
  readonly transfer: Transfer;
  readonly optimizer: OptimizerOps;
}

/**
 * The parameters and the committed base, and which of the two stands where passes read. A base without room of its own
 * stays in the place of the parameters after work at it, until somebody needs these there: the next work is often at the
 * same base. What passes read as float16 is made anew from the parameters; in float32 the parameters themselves make way,
 * and wait in the memory of this process.
 */
export class Weights {
  readonly #parts: WeightsParts;
  /** Whose copy stands where passes at the base read. */
  #base: WeakRef<VectorSource> | null = null;
  /** The parameters, while the base stands in their place. */
  #away: Float32Array | null = null;
  /** Whether what passes read is that of other parameters. */
  #isStale = false;

  constructor(parts: WeightsParts) {
    this.#parts = parts;
  }

  async read(into: Float32Array, offset: number): Promise<void> {
    const { memory, transfer } = this.#parts;
    if (this.#away) into.set(this.#away.subarray(offset, offset + into.length));
    else await transfer.read(memory.parameters, into, offset);
  }

  async write(from: Float32Array, offset: number): Promise<void> {
    const { memory, transfer } = this.#parts;
    if (this.#away) return this.#away.set(from, offset);
    this.#isStale = true;
    await transfer.write(memory.parameters, from, offset);
  }

  /** All parameters: those that are away need not come back before. */
  async load(flat: Float32Array): Promise<void> {
    if (this.#away) this.#base = null;
    this.#away = null;
    await this.write(flat, 0);
  }

  /** From here on passes find the parameters. Not to be called where work may be dropped. */
  async standAtParameters(): Promise<void> {
    const { memory, queue, transfer, optimizer } = this.#parts;
    if (this.#away) {
      this.#base = null;
      await transfer.write(memory.parameters, this.#away, 0);
      this.#away = null;
    }
    if (!this.#isStale) return;
    if (this.#isInPlace()) this.#base = null;
    await optimizer.refreshShadow(queue);
    this.#isStale = false;
  }

  /** From here on passes at the base find this one. The same source as before is not copied again. */
  async standAtBase(base: VectorSource, count: number): Promise<void> {
    const { memory, transfer } = this.#parts;
    if (this.#base?.deref() === base) return;
    this.#base = null;
    if (memory.base === memory.parameters) await this.#sendAway(count);
    else if (this.#isInPlace()) this.#isStale = true;
    for await (const { offset, values } of windowsOf(base, count))
      await transfer.write(memory.base, values, offset);
    this.#base = new WeakRef(base);
  }

  async #sendAway(count: number): Promise<void> {
    if (this.#away) return;
    const away = new Float32Array(count);
    await this.#parts.transfer.read(this.#parts.memory.parameters, away, 0);
    this.#away = away;
  }

  /** Whether the base has no room of its own. */
  #isInPlace(): boolean {
    const { base, weights } = this.#parts.memory;
    return base.chunks.some((chunk) => weights.chunks.includes(chunk));
  }
}
