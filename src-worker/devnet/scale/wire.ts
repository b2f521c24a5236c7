import { MAX_VECTOR_LENGTH } from '../limits.ts';

/** Bytes that do not fit the type they should have. */
export class ScaleError extends Error {
  override readonly name = 'ScaleError';
}

/** Cuts values off a byte array; every read checks that the bytes are there before it touches or allocates any. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  position = 0;
  /** How many calls stand around the one being read. */
  depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.position;
  }

  bytes(length: number): Uint8Array {
    return this.#bytes.slice(this.#advance(length), this.position);
  }

  /** What lies between two positions, as it was received. */
  cut(from: number, to: number): Uint8Array {
    return this.#bytes.slice(from, to);
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** Unsigned little endian of at most four bytes. */
  smallUint(width: number): number {
    const at = this.#advance(width);
    let value = 0;
    for (let i = width - 1; i >= 0; i--) value = value * 256 + (this.#bytes[at + i] ?? 0);
    return value;
  }

  /** Unsigned little endian of any width. */
  uint(width: number): bigint {
    let value = 0n;
    const at = this.#advance(width);
    if (width === 8) return this.#view.getBigUint64(at, true);
    for (let i = width - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[at + i] ?? 0);
    return value;
  }

  /** Refuses longer forms than needed: one value has one encoding. */
  compact(): bigint {
    const first = this.u8();
    const mode = first & 3;
    if (mode === 0) return BigInt(first >> 2);
    const width = mode === 1 ? 1 : mode === 2 ? 3 : (first >> 2) + 4;
    if (width > 16) throw new ScaleError('compact integer too wide');
    const rest = this.uint(width);
    const value = mode === 3 ? rest : (rest << 6n) | BigInt(first >> 2);
    if (compactBytes(value).length !== width + 1)
      throw new ScaleError('compact integer not in its shortest form');
    return value;
  }

  /** A vector's length, never more than the bytes that are left could hold. */
  length(): number {
    const length = this.compact();
    if (length > BigInt(Math.min(MAX_VECTOR_LENGTH, this.left)))
      throw new ScaleError('vector longer than its bytes');
    return Number(length);
  }

  end(): void {
    if (this.left !== 0) throw new ScaleError('bytes left over');
  }

  #advance(length: number): number {
    if (length > this.left) throw new ScaleError('bytes missing');
    const at = this.position;
    this.position += length;
    return at;
  }
}

/** The same bytes without big integers: whole matrices of weights and bonds go through here. */
export function smallUintBytes(value: number, width: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** (width * 8))
    throw new ScaleError(`integer outside ${width * 8} bits`);
  const bytes = new Uint8Array(width);
  for (let i = 0, rest = value; i < width; i++, rest = Math.floor(rest / 256)) bytes[i] = rest & 255;
  return bytes;
}

export function uintBytes(value: bigint, width: number): Uint8Array {
  if (value < 0n || value >> BigInt(width * 8) !== 0n)
    throw new ScaleError(`integer outside ${width * 8} bits`);
  const bytes = new Uint8Array(width);
  for (let i = 0, rest = value; i < width; i++, rest >>= 8n) bytes[i] = Number(rest & 255n);
  return bytes;
}

export function compactBytes(value: bigint): Uint8Array {
  if (value < 1n << 6n) return uintBytes(value << 2n, 1);
  if (value < 1n << 14n) return uintBytes((value << 2n) | 1n, 2);
  if (value < 1n << 30n) return uintBytes((value << 2n) | 2n, 4);
  const width = Math.ceil(value.toString(16).length / 2);
  const bytes = new Uint8Array(width + 1);
  bytes[0] = ((width - 4) << 2) | 3;
  bytes.set(uintBytes(value, width), 1);
  return bytes;
}
