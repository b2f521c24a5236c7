import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { Hex } from '../units.ts';
import type { Sha256 } from './merkle.ts';
import type { Part } from './parts.ts';

/**
 * Who reduces a chunk whose reducer says nothing (ROUNDS section 4): drawn by the round's block and the chunk among the
 * other reducers, in proportion to their parts, so that a lost part is spread over everybody as work is.
 * @param at.blockHash of the round's first block: nobody who composes a roster can choose it
 * @returns the index of a member with a part; null where there is no other
 */
export function standbyOf(
  at: { readonly blockHash: Hex; readonly chunk: number; readonly reducer: number },
  parts: readonly Pick<Part, 'chunkCount'>[],
  sha256: Sha256,
): number | null {
  const counts = parts.map(({ chunkCount }, i) => (i === at.reducer ? 0 : chunkCount));
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let place = Number((draw(at, sha256) * BigInt(total)) >> 64n);
  return counts.findIndex((count) => {
    place -= count;
    return place < 0;
  });
}

/** The first u64 of SHA-256 over a text of block and chunk. */
function draw(
  { blockHash, chunk }: { readonly blockHash: Hex; readonly chunk: number },
  sha256: Sha256,
): bigint {
  const digest = sha256(utf8ToBytes(`butterfly/standby/${blockHash}/${chunk}`));
  return new DataView(digest.buffer, digest.byteOffset).getBigUint64(0, true);
}
