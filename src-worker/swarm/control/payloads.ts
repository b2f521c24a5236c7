import * as v from 'valibot';
import { type AccusationsPayload, accusationsSchema } from '../../../src-shared/audit/fraud.ts';
import { count, digest } from '../../../src-shared/contract/fields.ts';
import {
  type Ready,
  type ResultsVote,
  type Roster,
  readySchema,
  resultsVoteSchema,
  rosterSchema,
} from '../../../src-shared/rounds/messages.ts';
import { type ReceiptsPayload, receiptsSchema } from '../../../src-shared/rounds/receipts.ts';
import type { Envelope } from '../../../src-shared/rounds/signed.ts';
import {
  isNearby,
  parseStoreAddress,
  STORE_ADDRESS_CHARS_MAX,
} from '../../../src-shared/stores/store-address.ts';
import { STORE_PAYLOAD_CHARS_MAX } from '../limits.ts';

const resultSchema = v.object({ round: count, resultId: digest, baseDigest: digest });

/** The address of a store as others write it too, and none that leads into the network of who reads it. */
const storeAddress = v.pipe(
  v.string(),
  v.maxLength(STORE_ADDRESS_CHARS_MAX),
  v.check((text) => {
    const address = parseStoreAddress(text);
    return address !== null && !isNearby(address);
  }),
);

/** Where everybody may read the signer's states, said in this round; null takes back what was said before. */
const storeSchema = v.object({ round: count, store: v.nullable(storeAddress) });

export type ResultPayload = v.InferOutput<typeof resultSchema>;
export type StorePayload = v.InferOutput<typeof storeSchema>;

export type Said =
  | { readonly kind: 'ready'; readonly round: number; readonly body: Ready }
  | { readonly kind: 'roster'; readonly round: number; readonly body: Roster }
  | { readonly kind: 'result'; readonly round: number; readonly body: ResultPayload }
  | { readonly kind: 'results'; readonly round: number; readonly body: ResultsVote }
  | { readonly kind: 'receipts'; readonly round: number; readonly body: ReceiptsPayload }
  | { readonly kind: 'store'; readonly round: number; readonly body: StorePayload }
  | { readonly kind: 'fraud'; readonly round: number; readonly body: AccusationsPayload };

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
  if (kind === 'fraud') {
    const body = parsed(accusationsSchema, value);
    return body && { kind, round: body.round, body };
  }
  if (kind === 'results') {
    const body = parsed(resultsVoteSchema, value);
    return body && { kind, round: body.round, body };
  }
  if (kind === 'store') {
    const body = payload.length <= STORE_PAYLOAD_CHARS_MAX ? parsed(storeSchema, value) : null;
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
