/**
 * Numbers of 16 bits: the upper half of a float32, so that they have its range and 8 bits of its precision. Two lie in a
 * word, the first one in its lower half.
 */

/** Packs `from` into `into`, rounded to the nearest, ties to even; what is not a number stays so. */
export function packBf16(from: Float32Array, into: Uint16Array): void {
  const bits = new Uint32Array(from.buffer, from.byteOffset, from.length);
  for (let i = 0; i < bits.length; i += 1) {
    const word = bits[i]!;
    into[i] = Number.isNaN(from[i]!) ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
}

/** Unpacks `from` into `into`, exactly. */
export function unpackBf16(from: Uint16Array, into: Float32Array): void {
  const bits = new Uint32Array(into.buffer, into.byteOffset, into.length);
  for (let i = 0; i < bits.length; i += 1) bits[i] = from[i]! << 16;
}
