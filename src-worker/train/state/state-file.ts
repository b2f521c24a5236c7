import type { FileHandle } from 'node:fs/promises';
import { sha256 } from '../../../src-node/sha256.ts';
import { StateDigest, stateSizeBytes } from '../../../src-shared/reduce/state-digest.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { FILE_SLICE_BYTES } from '../limits.ts';
import type { Slices } from '../slices.ts';
import type { Disk } from './disk.ts';
import { readExactly, withFile } from './files.ts';
import { inFile, type VectorSource, windowsOf } from './vector-source.ts';
import { bytesOf, floatsOf } from './vectors.ts';

/** The digest of base and momentum: Merkle root over their pieces (ROUNDS.md section 2). */
export async function digestOfState(
  slices: Slices,
  { base, momentum }: { readonly base: Float32Array; readonly momentum: Float32Array },
  pieceBytes: number,
): Promise<Hex> {
  const digest = new StateDigest(pieceBytes, sha256);
  for (const vector of [base, momentum])
    await slices.each(vector.length, (from, to) => digest.update(bytesOf(vector.subarray(from, to))));
  return digest.finish().digest;
}

export async function writeStateFile(
  disk: Disk,
  path: string,
  { base, momentum }: { readonly base: Float32Array; readonly momentum: VectorSource },
): Promise<void> {
  async function* parts() {
    yield bytesOf(base);
    for await (const { values } of windowsOf(momentum, base.length)) yield bytesOf(values);
  }
  await disk.write(path, parts(), { seal: false });
}

/** The base of a state file whose digest is as named; null when it is absent, of another size or not that state. */
export async function readBase(
  path: string,
  elements: number,
  expected: { readonly digest: Hex; readonly pieceBytes: number },
): Promise<Float32Array | null> {
  return withFile(path, async (file, sizeBytes) => {
    if (sizeBytes !== stateSizeBytes(elements)) return null;
    const digest = new StateDigest(expected.pieceBytes, sha256);
    const base = await readExactly(file, 0, 4 * elements, (slice) => digest.update(slice));
    for (let at = 4 * elements; at < sizeBytes; at += FILE_SLICE_BYTES)
      digest.update(await readExactly(file, at, Math.min(FILE_SLICE_BYTES, sizeBytes - at)));
    return digest.finish().digest === expected.digest ? floatsOf(base, 0, elements) : null;
  });
}

/** Whether an open file is the state of that digest; nothing of it is kept. */
export async function isState(
  file: FileHandle,
  sizeBytes: number,
  elements: number,
  expected: { readonly digest: Hex; readonly pieceBytes: number },
): Promise<boolean> {
  if (sizeBytes !== stateSizeBytes(elements)) return false;
  const digest = new StateDigest(expected.pieceBytes, sha256);
  for (let at = 0; at < sizeBytes; at += FILE_SLICE_BYTES)
    digest.update(await readExactly(file, at, Math.min(FILE_SLICE_BYTES, sizeBytes - at)));
  return digest.finish().digest === expected.digest;
}

/** The outer momentum, needed once a round, so not kept in memory. The file was verified when it was taken over. */
export const momentumIn = (path: string, elements: number): VectorSource => inFile(path, 4 * elements);
