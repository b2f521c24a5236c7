import { setImmediate } from 'node:timers/promises';
import { packBf16, unpackBf16 } from '../bf16.ts';
import { WRITE_BYTES, WRITES_UNASKED } from '../limits.ts';
import type { Arena } from './arena.ts';
import type { Held, Vector } from './memory.ts';
import { type Placement, type Stretch, stretches } from './placement.ts';
import type { Queue } from './queue.ts';

/** Moves windows of vectors between a device and flat float32, whatever they are held in there. */
export class Transfer {
  readonly #queue: Queue;
  readonly #arena: Arena;
  readonly #placement: Placement;

  constructor(queue: Queue, arena: Arena, placement: Placement) {
    this.#queue = queue;
    this.#arena = arena;
    this.#placement = placement;
  }

  /** Copies elements from `offset` on until `into` is full. */
  async read(vector: Vector, into: Float32Array, offset: number): Promise<void> {
    await this.#queue.idle();
    if (vector.held.every((held) => held === 'f32')) {
      const copies = stretches(this.#placement, offset, into.length).map(({ slice, from, length }) => ({
        buffer: vector.chunks[slice.chunk]!.buffer,
        byteOffset: 4 * (slice.at + from),
        elements: length,
      }));
      return this.#arena.read(copies, into);
    }
    for (const { stretch, window } of this.#windows(into, offset)) {
      const { words, skipped } = await this.#readWords(vector, stretch);
      unpackBf16(new Uint16Array(words.buffer).subarray(skipped, skipped + stretch.length), window);
    }
  }

  /** Overwrites elements from `offset` on; numbers of 16 bits are rounded to the nearest. */
  async write(vector: Vector, from: Float32Array, offset: number): Promise<void> {
    await this.#queue.idle();
    let writes = 0;
    for (const { stretch, window } of this.#windows(from, offset)) {
      await this.#write(vector, stretch, window);
      writes += 1;
      if (writes % WRITES_UNASKED === 0) await this.#queue.written();
      else await setImmediate();
    }
  }

  async #write(vector: Vector, stretch: Stretch, window: Float32Array): Promise<void> {
    const { slice, from, length } = stretch;
    const { buffer } = vector.chunks[slice.chunk]!;
    const held = vector.held[slice.chunk]!;
    if (held === 'f32')
      return this.#arena.write({ buffer, offset: 4 * (slice.at + from), size: 4 * length }, window);
    const isWhole = from % 2 === 0 && length % 2 === 0;
    // What shares a word with the first or the last element stays.
    const { words, skipped } = isWhole
      ? { words: new Uint32Array(length / 2), skipped: 0 }
      : await this.#readWords(vector, stretch);
    pack(held, window, words, skipped);
    this.#arena.write({ buffer, offset: 2 * (slice.at + from - skipped), size: words.byteLength }, words);
  }

  /** The words that hold a stretch, and how many elements stand before it in the first one. */
  async #readWords(
    vector: Vector,
    { slice, from, length }: Stretch,
  ): Promise<{ words: Uint32Array<ArrayBuffer>; skipped: number }> {
    const skipped = from % 2;
    const words = new Uint32Array(Math.ceil((skipped + length) / 2));
    const { buffer } = vector.chunks[slice.chunk]!;
    const byteOffset = 2 * (slice.at + from - skipped);
    await this.#arena.read([{ buffer, byteOffset, elements: words.length }], new Float32Array(words.buffer));
    return { words, skipped };
  }

  /** A flat run in pieces of one slice, none so long that others would wait for it. */
  *#windows(
    flat: Float32Array,
    offset: number,
  ): Generator<{ readonly stretch: Stretch; readonly window: Float32Array }> {
    const size = WRITE_BYTES / 4;
    for (let at = 0; at < flat.length; at += size) {
      const part = flat.subarray(at, at + size);
      for (const stretch of stretches(this.#placement, offset + at, part.length)) {
        const first = stretch.flat - offset;
        yield { stretch, window: flat.subarray(first, first + stretch.length) };
      }
    }
  }
}

/** Puts numbers into words of two, rounded to the nearest, behind so many that stand there. */
function pack(
  held: Exclude<Held, 'f32'>,
  numbers: Float32Array,
  words: Uint32Array<ArrayBuffer>,
  skipped: number,
): void {
  if (held === 'bf16') packBf16(numbers, new Uint16Array(words.buffer, 2 * skipped, numbers.length));
  else new Float16Array(words.buffer, 2 * skipped, numbers.length).set(numbers);
}
