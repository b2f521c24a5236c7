import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { type Hex, hex } from '../units.ts';

/**
 * The field of a hotkey's commitment that says which run it works for and which peer key speaks for it, so that peers
 * are found and bound from the chain alone. Layout: version (1), run tag (8), Ed25519 public key (32).
 */
export interface IdentityField {
  /** First 8 bytes of the profile hash. */
  readonly tag: Hex;
  /** Ed25519 public key of the libp2p identity. */
  readonly peerKey: Hex;
}

export const IDENTITY_FIELD_BYTES = 41;
const VERSION = 1;

/** @throws {RangeError} when a part does not fit the layout: a defect of the caller. */
export function encodeIdentityField({ tag, peerKey }: IdentityField): Uint8Array {
  if (tag.length !== 16 || peerKey.length !== 64) throw new RangeError('tag has 8 bytes, peer key 32');
  return Uint8Array.of(VERSION, ...hexToBytes(tag), ...hexToBytes(peerKey));
}

/** Reads a field of somebody's commitment; null when it is no identity field of this version. */
export function parseIdentityField(field: Uint8Array): IdentityField | null {
  if (field.length !== IDENTITY_FIELD_BYTES || field[0] !== VERSION) return null;
  return { tag: hex(bytesToHex(field.subarray(1, 9))), peerKey: hex(bytesToHex(field.subarray(9))) };
}

/** This run's identity among the fields of a commitment; null when there is none or more than one. */
export function identityIn(fields: readonly Uint8Array[], tag: Hex): IdentityField | null {
  const found = fields.map(parseIdentityField).filter((identity) => identity?.tag === tag);
  return found.length === 1 ? (found[0] ?? null) : null;
}
