import { bytesToHex } from '@noble/hashes/utils.js';
import { membersOf } from '../reduce/bitmap.ts';
import { inOneGo, type Sha256 } from '../reduce/merkle.ts';
import type { RosterMember } from '../rounds/messages.ts';
import type { Hex } from '../units.ts';
import type { FraudProof, SignedLeaf } from './fraud-proof.ts';
import { type AuditInput, foreignInPortions, type GivenInput } from './inputs.ts';
import { recomputeInPortions, type SummedRound } from './recompute.ts';

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
export const auditChunk = (...asked: Parameters<typeof auditInPortions>): AuditVerdict =>
  inOneGo(auditInPortions(...asked));

/** The same in portions of one member each. */
export function* auditInPortions(
  round: AuditedRound,
  chunk: number,
  result: SignedLeaf,
  inputs: ReadonlyMap<number, AuditInput>,
  sha256: Sha256,
): Generator<void, AuditVerdict> {
  const contributors = membersOf(result.contributors);
  const missing = contributors.filter((index) => !inputs.has(index));
  const given = contributors.flatMap((index) => {
    const input = inputs.get(index);
    return input ? [{ index, input, root: round.members[index]!.root }] : [];
  });
  const foreign = yield* foreignInPortions(given, { chunk, chunks: round.grid.chunks }, sha256);
  if (missing.length > 0 || foreign.length > 0) return { kind: 'not-audited', missing, foreign };
  if ((yield* digestInPortions(round, chunk, given, sha256)) === result.digest) return { kind: 'fine' };
  const { rosterDigest } = round;
  return { kind: 'wrong', proof: { rosterDigest, chunk, result, inputs: given.map(({ input }) => input) } };
}

/** Of what an honest reducer makes of these; null where it would not have taken one of them. */
export function* digestInPortions(
  round: SummedRound,
  chunk: number,
  given: readonly GivenInput[],
  sha256: Sha256,
): Generator<void, Hex | null> {
  const bytes = new Map(given.map(({ index, input }) => [index, input.bytes]));
  const values = yield* recomputeInPortions(round, chunk, bytes);
  return values && (bytesToHex(sha256(values)) as Hex);
}
