import type { FileHandle } from 'node:fs/promises';
import { stateSizeBytes } from '../../../src-shared/reduce/state-digest.ts';
import type { Hex } from '../../../src-shared/units.ts';
import { type VectorSource, windowsOf } from '../vector-source.ts';
import type { Disk } from './disk.ts';
import { slicesOf, withFile } from './files.ts';
import { StateHash } from './hashing.ts';
import { inFile } from './in-file.ts';
import { bytesOf } from './vectors.ts';

/** A state that is being made, until its digest, and with it its name, is known. A start removes one that a crash left. */
export const STEPPED = 'stepped.f32';

/** What all peers have to agree on: both of one length. */
export interface State {
  readonly base: VectorSource;
  readonly momentum: VectorSource;
}

/** How long a state is, and the pieces of its digest. */
interface StateShape {
  readonly elements: number;
  readonly pieceBytes: number;
}

/** @returns the digest of what was written: Merkle root over the pieces of base and momentum (ROUNDS.md section 2) */
export async function writeStateFile(
  disk: Disk,
  path: string,
  state: State,
  { elements, pieceBytes }: StateShape,
): Promise<Hex> {
  const hash = new StateHash(pieceBytes);
  async function* parts() {
    for await (const bytes of windowsOfState(state, elements)) {
      await hash.update(bytes);
      yield bytes;
    }
  }
  await disk.write(path, parts(), { seal: false });
  return hash.finish();
}

async function* windowsOfState({ base, momentum }: State, elements: number): AsyncGenerator<Uint8Array> {
  for (const vector of [base, momentum])
    for await (const { values } of windowsOf(vector, elements)) yield bytesOf(values);
}

/** The base of a state file whose digest is as named; null when it is absent, of another size or not that state. */
export async function soundBase(
  path: string,
  elements: number,
  expected: { readonly digest: Hex; readonly pieceBytes: number },
): Promise<VectorSource | null> {
  const isSound = await withFile(path, (file, sizeBytes) => isState(file, sizeBytes, elements, expected));
  return isSound ? baseIn(path) : null;
}

/** A state as it lay when it was written and digested: nobody has touched it as long as its mark is the same. */
export interface WrittenState {
  readonly path: string;
  readonly digest: Hex;
  readonly mark: string;
}

export async function written(path: string, digest: Hex): Promise<WrittenState | null> {
  const mark = await markOf(path);
  return mark === null ? null : { path, digest, mark };
}

/**
 * Whether that file is still as it was written. Reading it once more would prove nothing beyond: what was just written
 * comes back from the system's memory and not from the disk.
 */
export const isUntouched = async ({ path, mark }: WrittenState): Promise<boolean> =>
  (await markOf(path)) === mark;

const markOf = (path: string): Promise<string | null> =>
  withFile(path, async (file) => {
    const { ino, size, mtimeNs, ctimeNs } = await file.stat({ bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join();
  });

/** Whether an open file is the state of that digest; nothing of it is kept. */
export async function isState(
  file: FileHandle,
  sizeBytes: number,
  elements: number,
  expected: { readonly digest: Hex; readonly pieceBytes: number },
): Promise<boolean> {
  if (sizeBytes !== stateSizeBytes(elements)) return false;
  const hash = new StateHash(expected.pieceBytes);
  for await (const slice of slicesOf(file, 0, sizeBytes)) await hash.update(slice);
  return (await hash.finish()) === expected.digest;
}

/** The base of a state file that was verified or written by whoever asks. */
export const baseIn = (path: string): VectorSource => inFile(path, 0);

/** Its outer momentum. */
export const momentumIn = (path: string, elements: number): VectorSource => inFile(path, 4 * elements);
