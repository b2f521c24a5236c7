import { bytesToHex } from '@noble/hashes/utils.js';
import { membersOf } from '../reduce/bitmap.ts';
import type { Sha256 } from '../reduce/merkle.ts';
import type { RosterMember } from '../rounds/messages.ts';
import type { Hex } from '../units.ts';
import type { FraudProof, SignedLeaf } from './fraud-proof.ts';
import { type AuditInput, isCommitted } from './inputs.ts';
import { recomputeResult, type SummedRound } from './recompute.ts';

/** Of a round, what an audit holds its results against. */
export interface AuditedRound extends SummedRound {
  readonly rosterDigest: Hex;
  readonly members: readonly Pick<RosterMember, 'codec' | 'weight' | 'clipExponent' | 'root'>[];
}

/** What looking at one chunk came to. Members are roster indexes. */
export type AuditVerdict =
  | { readonly kind: 'fine' }
  /** The signer of the result lied, and this shows it to everybody. */
  | { readonly kind: 'wrong'; readonly proof: FraudProof }
  /**
   * Not audited: what some had put in could not be had, or was something else than they had committed to. An answer
   * to an audit is not signed, so this is known here and proves nothing to others.
   */
  | {
      readonly kind: 'not-audited';
      readonly missing: readonly number[];
      readonly foreign: readonly number[];
    };

/**
 * Follows one chunk from its inputs to its result.
 * @param result checked before: its signature, its signer's right to the chunk, its contributors and divisor
 * @param inputs by roster index, as they were given
 */
export function auditChunk(
  round: AuditedRound,
  chunk: number,
  result: SignedLeaf,
  inputs: ReadonlyMap<number, AuditInput>,
  sha256: Sha256,
): AuditVerdict {
  const contributors = membersOf(result.contributors);
  const missing = contributors.filter((index) => !inputs.has(index));
  const at = { chunk, chunks: round.grid.chunks };
  const foreign = contributors.filter((index) => {
    const input = inputs.get(index);
    return input && !isCommitted(input, { ...at, root: round.members[index]!.root }, sha256);
  });
  if (missing.length > 0 || foreign.length > 0) return { kind: 'not-audited', missing, foreign };
  const given = contributors.map((index) => inputs.get(index)!);
  if (resultDigest(round, chunk, contributors, given, sha256) === result.digest) return { kind: 'fine' };
  const { rosterDigest } = round;
  return { kind: 'wrong', proof: { rosterDigest, chunk, result, inputs: given } };
}

/** Of what an honest reducer makes of these; null where it would not have taken one of them. */
export function resultDigest(
  round: SummedRound,
  chunk: number,
  contributors: readonly number[],
  inputs: readonly AuditInput[],
  sha256: Sha256,
): Hex | null {
  const bytes = new Map(contributors.map((index, i) => [index, inputs[i]!.bytes]));
  const values = recomputeResult(round, chunk, bytes);
  return values && (bytesToHex(sha256(values)) as Hex);
}
