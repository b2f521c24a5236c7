import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { endianness } from 'node:os';
import { readExactly, withFile } from './files.ts';

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

/** A sealed file's content, or null where the seal does not fit. Hashed while it is read. */
export async function readSealed(file: FileHandle, sizeBytes: number): Promise<Uint8Array | null> {
  if (sizeBytes < SEAL_BYTES) return null;
  const hash = createHash('sha256');
  const contentBytes = sizeBytes - SEAL_BYTES;
  const content = await readExactly(file, 0, contentBytes, (slice) => hash.update(slice));
  const seal = await readExactly(file, contentBytes, SEAL_BYTES);
  return hash.digest().equals(seal) ? content : null;
}

/** A sealed file of one vector; null when it is absent, of another size, or torn. */
export async function readSealedVector(path: string, elements: number): Promise<Float32Array | null> {
  return withFile(path, async (file, sizeBytes) => {
    if (sizeBytes !== elements * 4 + SEAL_BYTES) return null;
    const content = await readSealed(file, sizeBytes);
    return content && floatsOf(content, 0, elements);
  });
}
