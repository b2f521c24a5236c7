import type { VectorSource } from '../vector-source.ts';
import { withFile } from './files.ts';
import { fill } from './in-file.ts';
import { isSealed, SEAL_BYTES } from './vectors.ts';

/**
 * A residue on the disk: the upper three bytes of each float32, rounded to the nearest, ties to even. What is left, 16
 * bits, is finer than a weight's own float32 would keep of such a step, and two residues of one commit take 2 bytes a
 * parameter less.
 */
const ELEMENT_BYTES = 3;

/** @param values finite, and not within 2^-16 of the largest number of float32 */
export function packResidue(values: Float32Array): Uint8Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const bytes = new Uint8Array(ELEMENT_BYTES * bits.length);
  for (let i = 0, at = 0; i < bits.length; i += 1, at += ELEMENT_BYTES) {
    const word = bits[i]!;
    const rounded = (word + 0x7f + ((word >>> 8) & 1)) >>> 8;
    bytes[at] = rounded;
    bytes[at + 1] = rounded >>> 8;
    bytes[at + 2] = rounded >>> 16;
  }
  return bytes;
}

function unpack(bytes: Uint8Array, into: Float32Array): void {
  const bits = new Uint32Array(into.buffer, into.byteOffset, into.length);
  for (let i = 0, at = 0; i < bits.length; i += 1, at += ELEMENT_BYTES)
    bits[i] = (bytes[at]! << 8) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 24);
}

/** The residue in a file that was verified or written by whoever asks. */
export const inResidue = (path: string): VectorSource => ({
  isStored: true,
  async read(into, offset) {
    const bytes = new Uint8Array(ELEMENT_BYTES * into.length);
    await fill(bytes, path, ELEMENT_BYTES * offset);
    unpack(bytes, into);
  },
});

/** Whether a file is a sealed residue of so many elements: not absent, of another size, or torn. */
export async function isResidue(path: string, elements: number): Promise<boolean> {
  const isSound = await withFile(
    path,
    async (file, sizeBytes) =>
      sizeBytes === ELEMENT_BYTES * elements + SEAL_BYTES && (await isSealed(file, sizeBytes)),
  );
  return isSound ?? false;
}
