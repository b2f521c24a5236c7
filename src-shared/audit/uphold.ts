import { hexToBytes } from '@noble/hashes/utils.js';
import { membersOf } from '../reduce/bitmap.ts';
import { inOneGo, type Sha256 } from '../reduce/merkle.ts';
import { contributorsFault } from '../reduce/quorum.ts';
import { resultStatement } from '../reduce/result-statement.ts';
import type { VerifyEd25519 } from '../rounds/signed.ts';
import type { Hex } from '../units.ts';
import type { FraudProof } from './fraud-proof.ts';
import { foreignInPortions } from './inputs.ts';
import { type AuditedRound, digestInPortions } from './verdict.ts';

export interface ProofDoor {
  readonly sha256: Sha256;
  readonly verify: VerifyEd25519;
  /** Peer keys that a member is known to have had since the roster, by roster index: it may have moved meanwhile. */
  keysOf(member: number): readonly Hex[];
}

/** The one fault that may be of who looks: it may not know the key that was signed with. */
export const UNSIGNED = 'the accused did not sign it';

/**
 * Why a proof does not show that the signer of its result lied; null when it does. Nobody is accused by anything but
 * its own signature under a result that is not the mean of what the roster's roots commit its contributors to.
 */
export const upholdFault = (...asked: Parameters<typeof upholdInPortions>): string | null =>
  inOneGo(upholdInPortions(...asked));

/** The same in portions of one contributor each: who looks answers others in between. */
export function* upholdInPortions(
  { rosterDigest, chunk, result, inputs }: FraudProof,
  round: AuditedRound,
  door: ProofDoor,
): Generator<void, string | null> {
  const { members, grid } = round;
  if (rosterDigest !== round.rosterDigest) return 'it is of another roster';
  if (chunk >= grid.chunks) return 'there is no such chunk';
  if (result.signer >= members.length) return 'there is no such member';
  if (!isSigned(rosterDigest, chunk, result, door)) return UNSIGNED;
  const fault = contributorsFault(
    result,
    members.map(({ weight }) => weight),
  );
  // Such a result counts nowhere, so nobody is harmed by it.
  if (fault) return `the result would not count: ${fault}`;
  const contributors = membersOf(result.contributors);
  if (contributors.length !== inputs.length) return 'inputs are missing';
  const given = contributors.map((index, i) => ({ index, input: inputs[i]!, root: members[index]!.root }));
  const foreign = yield* foreignInPortions(given, { chunk, chunks: grid.chunks }, door.sha256);
  if (foreign.length > 0) return 'an input is not what was committed';
  const honest = yield* digestInPortions(round, chunk, given, door.sha256);
  return honest === result.digest ? 'the result is right' : null;
}

function isSigned(
  rosterDigest: Hex,
  chunk: number,
  result: FraudProof['result'],
  { verify, keysOf }: ProofDoor,
): boolean {
  const statement = resultStatement(rosterDigest, chunk, result);
  return keysOf(result.signer).some((key) => verify(statement, result.signature, hexToBytes(key)));
}
