import * as v from 'valibot';
import { codecSchema } from '../codec/table.ts';
import { address, count, digest, finite } from '../contract/fields.ts';

/** What members say to each other about a round. Each travels in a signed envelope (signed.ts). */
const weight = v.pipe(count, v.maxValue(127));

/** "I can take part in this round from this base." Signed by the peer key that the hotkey bound. */
export const readySchema = v.object({
  round: count,
  hotkey: address,
  /** Id of the committed base the contribution was made on. */
  baseId: digest,
  /** SHA-256 of names, shapes and dtypes: peers of another model cannot be averaged. */
  schemaHash: digest,
  codec: codecSchema,
  /** Measured rates in bytes per second; 0 means unknown. */
  upBytesPerS: count,
  downBytesPerS: count,
  /** Integer weight wished for, 1..127 (0 for validators); the roster may lower it. */
  weight,
  norm: finite,
  /** Merkle root of the encoded contribution, and the digest of the work record. */
  root: digest,
  workDigest: digest,
  sequences: count,
});
export type Ready = v.InferOutput<typeof readySchema>;

export const rosterMemberSchema = v.object({
  hotkey: address,
  codec: codecSchema,
  weight,
  /** Contribution is multiplied by 2^-clipExponent before summing, 0..6. */
  clipExponent: v.pipe(count, v.maxValue(6)),
  norm: finite,
  root: digest,
  workDigest: digest,
  /** Chunks [firstChunk, firstChunk + chunkCount) are this member's part to reduce. */
  firstChunk: count,
  chunkCount: count,
});
export type RosterMember = v.InferOutput<typeof rosterMemberSchema>;

/** Who averages with whom in a round; agreed by signatures of more than half of the witnesses. */
export const rosterSchema = v.object({
  round: count,
  baseId: digest,
  proposer: address,
  members: v.pipe(v.array(rosterMemberSchema), v.minLength(1), v.maxLength(64)),
  /** Median of the members' declared norms; what clips and residue caps refer to. */
  medianNorm: finite,
});
export type Roster = v.InferOutput<typeof rosterSchema>;

/** Names a results list: what is signed and agreed is its digest. */
export const resultsNameSchema = v.object({ round: count, rosterDigest: digest, resultsDigest: digest });
export type ResultsName = v.InferOutput<typeof resultsNameSchema>;

/** A witness's signature under a results list, its own proposal or another one's. It gives one a round. */
export const resultsVoteSchema = v.object({ ...resultsNameSchema.entries, proposer: address });
export type ResultsVote = v.InferOutput<typeof resultsVoteSchema>;

/** Both ends of a pair sign what moved between them in a round. */
export const receiptSchema = v.object({
  round: count,
  from: address,
  to: address,
  bytes: count,
  durationMs: finite,
  /** Whether the sender signed too; a withheld signature leaves the receiver's figure standing. */
  countersigned: v.boolean(),
});
export type Receipt = v.InferOutput<typeof receiptSchema>;

/** One committed round in the list that leads a newcomer from the initial weights to the current base. */
export const lineageEntrySchema = v.object({
  round: count,
  rosterDigest: digest,
  /** Of the results list (results-list.ts). */
  resultsDigest: digest,
  baseDigest: digest,
});
export type LineageEntry = v.InferOutput<typeof lineageEntrySchema>;
