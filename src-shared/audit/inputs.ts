import { hexToBytes } from '@noble/hashes/utils.js';
import { type Sha256, verifyMerklePath } from '../reduce/merkle.ts';
import type { Hex } from '../units.ts';

/** What a member put into a chunk, and the way from it up to the root that the roster names. */
export interface AuditInput {
  /** The encoded chunk. */
  readonly bytes: Uint8Array;
  /** Siblings from the leaf upwards, 32 bytes each. */
  readonly path: readonly Uint8Array[];
}

/** Whether these very bytes are what the member had committed to before anybody knew who reduces what. */
const isCommitted = (
  { bytes, path }: AuditInput,
  at: { readonly chunk: number; readonly chunks: number; readonly root: Hex },
  sha256: Sha256,
): boolean =>
  verifyMerklePath(
    { leaf: sha256(bytes), index: at.chunk, count: at.chunks, path, root: hexToBytes(at.root) },
    sha256,
  );

/** A member, and what it is said to have put into a chunk. */
export interface GivenInput {
  readonly index: number;
  readonly input: AuditInput;
  readonly root: Hex;
}

/** Who of them put in something else than it had committed to; one member is one portion of the work. */
export function* foreignInPortions(
  given: Iterable<GivenInput>,
  at: { readonly chunk: number; readonly chunks: number },
  sha256: Sha256,
): Generator<void, readonly number[]> {
  const foreign: number[] = [];
  for (const { index, input, root } of given) {
    if (!isCommitted(input, { ...at, root }, sha256)) foreign.push(index);
    yield;
  }
  return foreign;
}
