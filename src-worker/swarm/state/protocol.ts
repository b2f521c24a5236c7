import * as v from 'valibot';
import { count, digest } from '../../../src-shared/contract/fields.ts';
import { lineageEntrySchema, resultsNameSchema } from '../../../src-shared/rounds/messages.ts';

/**
 * Questions about states: the digests of all pieces of one, a piece of it, and the list of committed rounds. And about
 * what led from one to the next: the roster of a round, its results list, and the values of one result that it names.
 */
export const stateQuestionSchema = v.variant('kind', [
  v.object({ kind: v.literal('manifest'), baseDigest: digest }),
  v.object({ kind: v.literal('piece'), baseDigest: digest, piece: count }),
  v.object({ kind: v.literal('lineage') }),
  v.object({ kind: v.literal('roster'), round: count, rosterDigest: digest }),
  v.object({ kind: v.literal('list'), ...resultsNameSchema.entries }),
  v.object({ kind: v.literal('leaf'), round: count, rosterDigest: digest, chunk: count, digest }),
]);

export type StateQuestion = v.InferOutput<typeof stateQuestionSchema>;
/** Of a round that is over. */
export type RoundQuestion = Extract<StateQuestion, { kind: 'roster' | 'list' | 'leaf' }>;

export const lineageSchema = v.array(lineageEntrySchema);

export const QUESTION_MAX_BYTES = 512;
export const HASH_BYTES = 32;

/** In front of the bytes of a manifest or a piece. */
const HERE = 1;
/** A donor that has it and gives nothing now: a round averages, or others wait already. */
const LATER = 0;

export const later = (): Uint8Array => Uint8Array.of(LATER);

/** The head of an answer whose bytes follow. */
export const here = (): Uint8Array => Uint8Array.of(HERE);

export const answerMaxBytes = (bytes: number): number => 1 + bytes;

/** @returns the bytes of an answer; 'later' of one that is to be asked again; null of what is no answer */
export function readAnswer(answer: Uint8Array): Uint8Array | 'later' | null {
  if (answer[0] === HERE) return answer.subarray(1);
  return answer[0] === LATER && answer.length === 1 ? 'later' : null;
}

/** SHA-256 of each piece, one behind the other. @returns null when they are not so many */
export function readManifest(bytes: Uint8Array, pieces: number): readonly Uint8Array[] | null {
  if (bytes.length !== pieces * HASH_BYTES) return null;
  return Array.from({ length: pieces }, (_, i) => bytes.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES));
}
