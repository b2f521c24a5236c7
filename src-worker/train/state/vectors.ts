import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { endianness } from 'node:os';
import { FILE_SLICE_BYTES } from '../limits.ts';
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

/** Whether a file ends in the digest of everything before; nothing of it is kept. */
export async function isSealed(file: FileHandle, sizeBytes: number): Promise<boolean> {
  const contentBytes = sizeBytes - SEAL_BYTES;
  if (contentBytes < 0) return false;
  const hash = createHash('sha256');
  for (let at = 0; at < contentBytes; at += FILE_SLICE_BYTES)
    hash.update(await readExactly(file, at, Math.min(FILE_SLICE_BYTES, contentBytes - at)));
  return hash.digest().equals(await readExactly(file, contentBytes, SEAL_BYTES));
}

/** Whether a file is a sealed one of one vector: not absent, of another size, or torn. */
export async function isSealedVector(path: string, elements: number): Promise<boolean> {
  const sound = await withFile(
    path,
    async (file, sizeBytes) => sizeBytes === elements * 4 + SEAL_BYTES && (await isSealed(file, sizeBytes)),
  );
  return sound ?? false;
}
