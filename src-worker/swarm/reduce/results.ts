import { verifyEd25519 } from '../../../src-node/ed25519.ts';
import { sha256Hex } from '../../../src-node/sha256.ts';
import { contributorsFault } from '../../../src-shared/reduce/quorum.ts';
import { resultStatement } from '../../../src-shared/reduce/result-statement.ts';
import type { SignEd25519 } from '../../../src-shared/rounds/signed.ts';
import type { Hex } from '../../../src-shared/units.ts';
import type { Signed, SignedResult } from './frames.ts';
import type { RoundPlan } from './plan.ts';

const encoder = new TextEncoder();

const statementOf = (plan: RoundPlan, chunk: number, result: Omit<SignedResult, keyof Signed>): Uint8Array =>
  resultStatement(plan.rosterDigest, chunk, { ...result, digest: sha256Hex(result.values) });

/** What is signed of a chunk that has no result. */
const noneStatement = (plan: RoundPlan, chunk: number): Uint8Array =>
  encoder.encode(`dt1-none\n${plan.rosterDigest}\n${chunk}`);

/** @throws {RangeError} where the plan is not that of a member */
function selfOf({ self }: RoundPlan): number {
  if (self === null) throw new RangeError('only members answer');
  return self;
}

export const signResult = (
  plan: RoundPlan,
  chunk: number,
  result: Omit<SignedResult, keyof Signed>,
  sign: SignEd25519,
): SignedResult => ({
  ...result,
  signer: selfOf(plan),
  signature: sign(statementOf(plan, chunk, result)),
});

export const signNone = (plan: RoundPlan, chunk: number, sign: SignEd25519): Signed => ({
  signer: selfOf(plan),
  signature: sign(noneStatement(plan, chunk)),
});

/** Keys of members by roster index; null where a peer's key is not known. */
export type KeyOf = (member: number) => Hex | null;

/** Whether this signer may answer for the chunk, and did. */
function isSigned(
  plan: RoundPlan,
  chunk: number,
  said: { readonly by: Signed; readonly statement: Uint8Array },
  keyOf: KeyOf,
): boolean {
  const { signer, signature } = said.by;
  if (signer !== plan.reducerOf(chunk) && signer !== plan.standbyOf(chunk)) return false;
  const key = keyOf(signer);
  return key !== null && verifyEd25519(said.statement, signature, Buffer.from(key, 'hex'));
}

export const isNone = (plan: RoundPlan, chunk: number, none: Signed, keyOf: KeyOf): boolean =>
  isSigned(plan, chunk, { by: none, statement: noneStatement(plan, chunk) }, keyOf);

export type ResultFault = 'length' | 'contributors' | 'divisor' | 'quorum' | 'signature' | 'values';

/** Why a result does not count, or null when it does. */
export function resultFault(
  plan: RoundPlan,
  chunk: number,
  result: SignedResult,
  keyOf: KeyOf,
): ResultFault | null {
  const { values } = result;
  if (values.length > plan.resultMaxBytes(chunk)) return 'length';
  const fault = contributorsFault(result, plan.weights);
  if (fault) return fault;
  const statement = statementOf(plan, chunk, result);
  if (!isSigned(plan, chunk, { by: result, statement }, keyOf)) return 'signature';
  return plan.coder.isResult(chunk, values) ? null : 'values';
}
