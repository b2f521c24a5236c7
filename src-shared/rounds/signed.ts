import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import * as v from 'valibot';
import { address } from '../contract/fields.ts';
import { canonicalJson } from '../profile/profile.ts';
import { type Hex, hex, type Ss58 } from '../units.ts';
import type { Roster } from './messages.ts';

/**
 * What members say to each other, signed by the peer key that the signer's hotkey bound. The payload travels as the
 * text that was signed, so a verifier needs no agreement on how numbers are written.
 */
export const envelopeSchema = v.object({
  kind: v.picklist(['ready', 'roster', 'result', 'results', 'receipts', 'receipt', 'store', 'fraud']),
  /** Canonical JSON. A roster of 64 members takes some 35,000 characters. */
  payload: v.pipe(v.string(), v.maxLength(65_536)),
  signer: address,
  /** Ed25519, hex. */
  signature: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/)),
});

export type Envelope = v.InferOutput<typeof envelopeSchema>;
export type EnvelopeKind = Envelope['kind'];

export type SignEd25519 = (message: Uint8Array) => Uint8Array;
export type VerifyEd25519 = (message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array) => boolean;

const DOMAIN = 'dt1-message';

/** The bytes under an envelope's signature: run, kind and signer are part of it, so none can be swapped. */
export const envelopeBytes = (runTag: string, unsigned: Omit<Envelope, 'signature'>): Uint8Array =>
  utf8ToBytes(`${DOMAIN}\n${runTag}\n${unsigned.kind}\n${unsigned.signer}\n${unsigned.payload}`);

export function signEnvelope(
  runTag: string,
  said: { readonly kind: EnvelopeKind; readonly payload: unknown; readonly signer: Ss58 },
  sign: SignEd25519,
): Envelope {
  const unsigned = { kind: said.kind, payload: canonicalJson(said.payload), signer: said.signer };
  return { ...unsigned, signature: bytesToHex(sign(envelopeBytes(runTag, unsigned))) };
}

/** @param peerKey hex of the key that the signer's binding names */
export function verifyEnvelope(
  runTag: string,
  envelope: Envelope,
  peerKey: string,
  verify: VerifyEd25519,
): boolean {
  try {
    return verify(envelopeBytes(runTag, envelope), hexToBytes(envelope.signature), hexToBytes(peerKey));
  } catch {
    return false;
  }
}

/** What names a roster in ids, manifests and frames. */
export const rosterDigest = (roster: Roster): Hex =>
  hex(bytesToHex(sha256(utf8ToBytes(`dt1-roster\n${canonicalJson(roster)}`))));
