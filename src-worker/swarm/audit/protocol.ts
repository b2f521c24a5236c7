import { concatBytes } from '@noble/hashes/utils.js';
import * as v from 'valibot';
import type { AuditInput } from '../../../src-shared/audit/inputs.ts';
import { PATH_MAX } from '../../../src-shared/audit/limits.ts';
import { count, digest } from '../../../src-shared/contract/fields.ts';

/** "Your encoded chunk of that round, with its path", or "the fraud proof of that digest". */
export const auditQuestionSchema = v.variant('want', [
  v.object({ want: v.literal('input'), rosterDigest: digest, chunk: count }),
  v.object({ want: v.literal('proof'), digest }),
]);

export type AuditQuestion = v.InferOutput<typeof auditQuestionSchema>;

const HASH_BYTES = 32;

/** The answer to the first: number of siblings u8, siblings, chunk. */
export const encodeInput = ({ bytes, path }: AuditInput): Uint8Array =>
  concatBytes(Uint8Array.of(path.length), ...path, bytes);

export const inputMaxBytes = (chunkBytes: number): number => 1 + PATH_MAX * HASH_BYTES + chunkBytes;

/** @returns null where the bytes are no input at all; whether it is the right one is judged elsewhere */
export function decodeInput(answer: Uint8Array): AuditInput | null {
  const siblings = answer[0] ?? PATH_MAX + 1;
  const from = 1 + siblings * HASH_BYTES;
  if (siblings > PATH_MAX || answer.length <= from) return null;
  const path = Array.from({ length: siblings }, (_, i) =>
    answer.subarray(1 + i * HASH_BYTES, 1 + (i + 1) * HASH_BYTES),
  );
  return { bytes: answer.subarray(from), path };
}
