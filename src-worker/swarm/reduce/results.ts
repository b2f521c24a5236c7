import { verifyEd25519 } from '../../../src-node/ed25519.ts';
import { sha256Hex } from '../../../src-node/sha256.ts';
import { membersOf, weightOf } from '../../../src-shared/reduce/bitmap.ts';
import { decodeValues } from '../../../src-shared/reduce/fp16.ts';
import type { SignEd25519 } from '../../../src-shared/rounds/signed.ts';
import type { Hex } from '../../../src-shared/units.ts';
import type { SignedResult } from './frames.ts';
import type { RoundPlan } from './plan.ts';

const encoder = new TextEncoder();

/** What a reducer signs of a result: a member that passes it on cannot change it, and two of them are a proof. */
function resultStatement(
  plan: RoundPlan,
  chunk: number,
  result: Omit<SignedResult, 'signature'>,
): Uint8Array {
  const { contributors, divisor, values } = result;
  return encoder.encode(
    `dt1-result\n${plan.rosterDigest}\n${chunk}\n${contributors.toString(16)}\n${divisor}\n${sha256Hex(values)}`,
  );
}

export function signResult(
  plan: RoundPlan,
  chunk: number,
  result: Omit<SignedResult, 'signature'>,
  sign: SignEd25519,
): SignedResult {
  return { ...result, signature: sign(resultStatement(plan, chunk, result)) };
}

/** Why a result does not count, or null when it does. @param reducerKey null when that peer's key is not known */
export function resultFault(
  plan: RoundPlan,
  chunk: number,
  result: SignedResult,
  reducerKey: Hex | null,
): 'length' | 'contributors' | 'divisor' | 'quorum' | 'signature' | 'values' | null {
  const { contributors, divisor, values, signature } = result;
  if (values.length !== plan.resultBytes(chunk)) return 'length';
  if (!membersOf(contributors).every((i) => (plan.weights[i] ?? 0) > 0)) return 'contributors';
  if (divisor !== weightOf(contributors, plan.weights)) return 'divisor';
  if (!plan.isQuorum(contributors)) return 'quorum';
  if (!reducerKey) return 'signature';
  const statement = resultStatement(plan, chunk, result);
  if (!verifyEd25519(statement, signature, Buffer.from(reducerKey, 'hex'))) return 'signature';
  return decodeValues('fp16', values, plan.codec) ? null : 'values';
}
