import type { FileHandle } from 'node:fs/promises';
import { endianness } from 'node:os';
import { readExactly, slicesOf } from './files.ts';
import { SealHash } from './hashing.ts';

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

/** Whether a file ends in the seal of everything before (hashing.ts); nothing of it is kept. */
export async function isSealed(file: FileHandle, sizeBytes: number): Promise<boolean> {
  const contentBytes = sizeBytes - SEAL_BYTES;
  if (contentBytes < 0) return false;
  const seal = new SealHash();
  for await (const slice of slicesOf(file, 0, contentBytes)) await seal.update(slice);
  return Buffer.from(await seal.finish()).equals(await readExactly(file, contentBytes, SEAL_BYTES));
}
