import * as v from 'valibot';
import { address, count, digest, finite } from '../../../src-shared/contract/fields.ts';
import { type Ready, type Roster, readySchema, rosterSchema } from '../../../src-shared/rounds/messages.ts';
import type { Envelope } from '../../../src-shared/rounds/signed.ts';

const resultSchema = v.object({ round: count, resultId: digest, baseDigest: digest });

/** What a receiver measured of one sender; both sign these very fields. */
export const receiptClaimSchema = v.object({
  round: count,
  from: address,
  to: address,
  bytes: count,
  durationMs: finite,
});

const receiptsSchema = v.object({
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

export type ResultPayload = v.InferOutput<typeof resultSchema>;
export type ReceiptClaim = v.InferOutput<typeof receiptClaimSchema>;
export type ReceiptsPayload = v.InferOutput<typeof receiptsSchema>;

export type Said =
  | { readonly kind: 'ready'; readonly round: number; readonly body: Ready }
  | { readonly kind: 'roster'; readonly round: number; readonly body: Roster }
  | { readonly kind: 'result'; readonly round: number; readonly body: ResultPayload }
  | { readonly kind: 'receipts'; readonly round: number; readonly body: ReceiptsPayload };

/** @returns null when the payload does not fit its kind, or speaks for somebody else than its signer */
export function readPayload({ kind, payload, signer }: Envelope): Said | null {
  if (kind === 'receipt') return null;
  const value = parseJson(payload);
  if (kind === 'ready') {
    const body = parsed(readySchema, value);
    return body?.hotkey === signer ? { kind, round: body.round, body } : null;
  }
  if (kind === 'roster') {
    const body = parsed(rosterSchema, value);
    return body && { kind, round: body.round, body };
  }
  if (kind === 'result') {
    const body = parsed(resultSchema, value);
    return body && { kind, round: body.round, body };
  }
  const body = parsed(receiptsSchema, value);
  const isOwn = body?.receipts.every(({ claim }) => claim.to === signer && claim.round === body.round);
  return body && isOwn ? { kind, round: body.round, body } : null;
}

function parsed<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> | null {
  const result = v.safeParse(schema, value);
  return result.success ? result.output : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
