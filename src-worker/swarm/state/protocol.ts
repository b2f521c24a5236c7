import * as v from 'valibot';
import { count, digest } from '../../../src-shared/contract/fields.ts';
import { lineageEntrySchema } from '../../../src-shared/rounds/messages.ts';

/** Questions about states: who has one, a piece of it, and the list of committed rounds. */
export const stateQuestionSchema = v.variant('kind', [
  v.object({ kind: v.literal('has'), baseDigest: digest }),
  v.object({ kind: v.literal('piece'), baseDigest: digest, piece: count }),
  v.object({ kind: v.literal('lineage') }),
]);

export type StateQuestion = v.InferOutput<typeof stateQuestionSchema>;

export const hasAnswerSchema = v.object({ sizeBytes: count });
export const lineageSchema = v.array(lineageEntrySchema);

export const QUESTION_MAX_BYTES = 512;
export const HAS_MAX_BYTES = 64;
const HASH_BYTES = 32;
/** A path of 64 nodes would be a tree of 2^64 pieces. */
const MAX_PATH = 64;

export const pieceAnswerMaxBytes = (pieceBytes: number): number => 1 + MAX_PATH * HASH_BYTES + pieceBytes;

export interface PieceAnswer {
  readonly path: readonly Uint8Array[];
  readonly piece: Uint8Array;
}

/** Number of path nodes (u8), the nodes, then the piece. */
export function encodePiece({ path, piece }: PieceAnswer): Uint8Array {
  const bytes = new Uint8Array(1 + path.length * HASH_BYTES + piece.length);
  bytes[0] = path.length;
  for (const [i, node] of path.entries()) bytes.set(node, 1 + i * HASH_BYTES);
  bytes.set(piece, 1 + path.length * HASH_BYTES);
  return bytes;
}

/** @returns null when the bytes cannot be such an answer */
export function decodePiece(bytes: Uint8Array): PieceAnswer | null {
  const nodes = bytes[0] ?? MAX_PATH + 1;
  const start = 1 + nodes * HASH_BYTES;
  if (nodes > MAX_PATH || bytes.length <= start) return null;
  const path = Array.from({ length: nodes }, (_, i) =>
    bytes.subarray(1 + i * HASH_BYTES, 1 + (i + 1) * HASH_BYTES),
  );
  return { path, piece: bytes.subarray(start) };
}
