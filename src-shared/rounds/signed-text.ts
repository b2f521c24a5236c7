import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Ss58 } from '../units.ts';
import type { VerifySr25519 } from './binding.ts';
import { publicKeyOf } from './ss58.ts';

/** What a hotkey signs besides bindings, manifests and calls: its scores of others, and a dispute of its own. */
export type TextKind = 'scores' | 'dispute';

/** A text of one line and the hotkey's signature, which stands behind it in a line of its own. */
export interface SignedText {
  readonly text: string;
  /** Sr25519, 64 bytes as hex. */
  readonly signature: string;
}

/** Of which run it is, and what for: a signature of one is none of another. */
export interface TextOf {
  readonly kind: TextKind;
  readonly runTag: string;
}

/** Characters that the signature adds: the end of the line before it, and hex. */
export const SIGNATURE_CHARS = 129;

/** The bytes that are signed: wrapped as wallets wrap raw messages, so that they can never be read as a transaction. */
export const textBytes = ({ kind, runTag }: TextOf, text: string): Uint8Array =>
  utf8ToBytes(`<Bytes>dt1-${kind}\n${runTag}\n${bytesToHex(sha256(utf8ToBytes(text)))}</Bytes>`);

export const encodeSignedText = ({ text, signature }: SignedText): string => `${text}\n${signature}`;

/** @returns null for what is no text with a signature behind it; nothing is verified yet */
export function readSignedText(whole: string): SignedText | null {
  const [, text, signature] = /^([^\n]*)\n([0-9a-f]{128})$/.exec(whole) ?? [];
  return text === undefined || signature === undefined ? null : { text, signature };
}

export function isTextOf(
  { text, signature }: SignedText,
  signer: Ss58,
  of: TextOf,
  verify: VerifySr25519,
): boolean {
  const key = publicKeyOf(signer);
  return key !== null && verify(textBytes(of, text), hexToBytes(signature), key);
}
