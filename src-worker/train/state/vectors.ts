import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import { FILE_SLICE_BYTES } from '../limits.ts';
import { readExactly, withFile } from './disk.ts';

/**
 * Float32 vectors as bytes. All files are little endian, and so is every machine that Node runs us on; a big-endian
 * one would need a swap here and is refused at start.
 */
if (endianness() !== 'LE') throw new Error('this build needs a little-endian machine');

export const SEAL_BYTES = 32;

export const bytesOf = (vector: Float32Array): Uint8Array =>
  new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);

export const floatsOf = (bytes: Uint8Array, offset: number, elements: number): Float32Array =>
  new Float32Array(bytes.buffer, bytes.byteOffset + offset, elements);

/** A sealed file's content, or null where the seal does not fit. */
export function unsealed(bytes: Uint8Array): Uint8Array | null {
  if (bytes.length < SEAL_BYTES) return null;
  const content = bytes.subarray(0, bytes.length - SEAL_BYTES);
  const hash = createHash('sha256');
  // One update takes at most 2 GiB.
  for (let at = 0; at < content.length; at += FILE_SLICE_BYTES)
    hash.update(content.subarray(at, at + FILE_SLICE_BYTES));
  return hash.digest().equals(bytes.subarray(content.length)) ? content : null;
}

/** A sealed file of one vector; null when it is absent, of another size, or torn. */
export async function readSealedVector(path: string, elements: number): Promise<Float32Array | null> {
  return withFile(path, async (file, sizeBytes) => {
    if (sizeBytes !== elements * 4 + SEAL_BYTES) return null;
    const content = unsealed(await readExactly(file, 0, sizeBytes));
    return content && floatsOf(content, 0, elements);
  });
}
