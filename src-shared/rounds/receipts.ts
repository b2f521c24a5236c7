import * as v from 'valibot';
import { address, count, finite } from '../contract/fields.ts';
import { canonicalJson } from '../profile/profile.ts';
import { type Envelope, type VerifyEd25519, verifyEnvelope } from './signed.ts';

/** Receipts of one round that concern a member, and the statements of all who signed them: a group of 64, and a witness. */
export const PROOF_ENVELOPES_MAX = 65;
export const PROOF_BINDINGS_MAX = 66;

/** What a receiver measured of one sender; both sign these very fields. */
export const receiptClaimSchema = v.object({
  round: count,
  from: address,
  to: address,
  bytes: count,
  durationMs: finite,
});

/** All that one receiver says of a round. */
export const receiptsSchema = v.object({
  round: count,
  receipts: v.pipe(
    v.array(
      v.object({
        claim: receiptClaimSchema,
        /** The sender's signature of the claim; null when it withheld it. */
        countersignature: v.nullable(v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/))),
      }),
    ),
    v.maxLength(64),
  ),
});

export type ReceiptClaim = v.InferOutput<typeof receiptClaimSchema>;
export type ReceiptsPayload = v.InferOutput<typeof receiptsSchema>;

/** Whether the sender of a claim signed it too, by this peer key. */
export const isCountersigned = (
  runTag: string,
  claim: ReceiptClaim,
  signature: string,
  peerKey: string,
  verify: VerifyEd25519,
): boolean => {
  const envelope: Envelope = {
    kind: 'receipt',
    payload: canonicalJson(claim),
    signer: claim.from,
    signature,
  };
  return verifyEnvelope(runTag, envelope, peerKey, verify);
};
