import type { Slices } from '../../slices.ts';
import type { Window } from './pieces.ts';
import type { Tensor, Tfjs } from './tfjs.ts';

/** Where a window meets a piece: elements [from, from + length) of the piece, `at` in the window. */
interface Overlap {
  readonly index: number;
  readonly from: number;
  readonly length: number;
  readonly at: number;
}

/**
 * One number for each parameter, as one tensor a piece. Tensors cannot be changed in place, so what is written window by
 * window is gathered on the host and goes over when the piece is next asked for.
 */
export class PieceVector {
  readonly #tf: Tfjs;
  readonly #pieces: readonly Window[];
  readonly #slices: Slices;
  /** null: all zero. */
  readonly #tensors: (Tensor | null)[];
  readonly #written = new Map<number, Float32Array>();

  constructor(tf: Tfjs, pieces: readonly Window[], slices: Slices) {
    this.#tf = tf;
    this.#pieces = pieces;
    this.#slices = slices;
    this.#tensors = pieces.map(() => null);
  }

  /** A piece as it stands. It belongs to the vector, and holds until the piece is written, replaced or added to. */
  at(index: number): Tensor {
    const { shape } = this.#pieces[index]!;
    const written = this.#written.get(index);
    if (written) {
      // tfjs keeps the array that it is given until an operation first asks for the tensor: nobody writes to it again.
      this.#written.delete(index);
      this.replace(index, this.#tf.tensor(written, [...shape], 'float32'));
    }
    this.#tensors[index] ??= this.#tf.keep(this.#tf.zeros([...shape]));
    return this.#tensors[index];
  }

  /** Takes the tensor over. */
  replace(index: number, tensor: Tensor): void {
    this.#written.delete(index);
    this.#tensors[index]?.dispose();
    this.#tensors[index] = this.#tf.keep(tensor);
  }

  /** Adds a tensor, which is taken over. */
  add(index: number, tensor: Tensor): void {
    if (this.#tensors[index] === null && !this.#written.has(index)) this.replace(index, tensor);
    else {
      this.replace(index, this.#tf.add(this.at(index), tensor));
      tensor.dispose();
    }
  }

  /** All zero. */
  clear(): void {
    this.#written.clear();
    for (const [index, tensor] of this.#tensors.entries()) {
      tensor?.dispose();
      this.#tensors[index] = null;
    }
  }

  async read(into: Float32Array, offset: number): Promise<void> {
    for (const { index, from, length, at } of this.#overlaps(offset, into.length)) {
      into.set(await this.#values(index, from, length), at);
      await this.#slices.worked(length);
    }
  }

  async write(source: Float32Array, offset: number): Promise<void> {
    for (const { index, from, length, at } of this.#overlaps(offset, source.length)) {
      const whole = length === this.#pieces[index]!.length;
      const host = whole ? new Float32Array(length) : await this.#onHost(index);
      host.set(source.subarray(at, at + length), from);
      this.#written.set(index, host);
      await this.#slices.worked(length);
    }
  }

  async #onHost(index: number): Promise<Float32Array> {
    const { length } = this.#pieces[index]!;
    return this.#written.get(index) ?? Float32Array.from(await this.#values(index, 0, length));
  }

  async #values(index: number, from: number, length: number): Promise<Float32Array> {
    const written = this.#written.get(index);
    if (written) return written.subarray(from, from + length);
    const tensor = this.#tensors[index];
    if (!tensor) return new Float32Array(length);
    const window = this.#tf.tidy(() => this.#tf.slice(this.#tf.reshape(tensor, [-1]), [from], [length]));
    try {
      return (await window.data()) as Float32Array;
    } finally {
      window.dispose();
    }
  }

  *#overlaps(offset: number, length: number): Generator<Overlap> {
    for (const [index, piece] of this.#pieces.entries()) {
      const start = Math.max(offset, piece.offset);
      const end = Math.min(offset + length, piece.offset + piece.length);
      if (start < end) yield { index, from: start - piece.offset, length: end - start, at: start - offset };
    }
  }
}
