import * as v from 'valibot';
import { count, digest } from '../../../src-shared/contract/fields.ts';
import { CHUNKS_PER_ANSWER } from './limits.ts';

/**
 * "The digests of all chunks that you sent into that round", and "those chunks from this one on". Answers stand behind
 * the head of `state/protocol.ts`: the digests one behind the other, or up to `CHUNKS_PER_ANSWER` encoded chunks.
 */
export const contributionQuestionSchema = v.variant('want', [
  v.object({ want: v.literal('leaves'), rosterDigest: digest }),
  v.object({ want: v.literal('chunks'), rosterDigest: digest, first: count }),
]);

export type ContributionQuestion = v.InferOutput<typeof contributionQuestionSchema>;

/** The chunks of one answer. */
export const chunksFrom = (first: number, chunks: number): number[] =>
  Array.from({ length: Math.max(0, Math.min(CHUNKS_PER_ANSWER, chunks - first)) }, (_, i) => first + i);
