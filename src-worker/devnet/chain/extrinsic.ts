import { MAX_EXTRINSIC_BYTES } from '../limits.ts';
import type { Call } from '../runtime/pallet.ts';
import type { RuntimeVersion } from '../runtime/version.ts';
import type { Codecs } from '../scale/codecs.ts';
import { concat, fromHex, toHex } from '../scale/hex.ts';
import { compactBytes, Reader, ScaleError, uintBytes } from '../scale/wire.ts';
import { hash256 } from './header.ts';
import { isSignature, signatureBytes } from './signatures.ts';

const SIGNED_V4 = 0x84;
const BARE_V4 = 0x04;
const ADDRESS_ID = 0;

export interface Era {
  readonly period: number;
  readonly phase: number;
}

export interface Extrinsic {
  /** Blake2-256 of the whole, length prefix included. */
  readonly hash: string;
  readonly bytes: Uint8Array;
  readonly signer: string;
  /** Null when immortal. */
  readonly era: Era | null;
  readonly nonce: number;
  readonly tipRao: bigint;
  readonly call: Call;
  readonly signature: Uint8Array;
  readonly scheme: number;
  /** Mode 1 signs a digest of the metadata that this chain does not compute. */
  readonly metadataHash: boolean;
  /** The last block that may hold it; known once the signature is checked. */
  readonly lastBlock: number;
  /** Of the runtime that it was signed for; known once the signature is checked. */
  readonly specVersion: number | null;
  /** Call and extensions exactly as received: what was signed. */
  readonly signedCall: Uint8Array;
  readonly signedExtra: Uint8Array;
}

/** Cuts a signed extrinsic of version 4 apart. Nothing is believed yet. @throws {ScaleError} */
export function decodeExtrinsic(bytes: Uint8Array, codecs: Codecs): Extrinsic {
  if (bytes.length > MAX_EXTRINSIC_BYTES) throw new ScaleError('extrinsic too long');
  const reader = new Reader(bytes);
  if (reader.compact() !== BigInt(reader.left)) throw new ScaleError('length prefix does not match');
  if (reader.u8() !== SIGNED_V4) throw new ScaleError('not a signed extrinsic of version 4');
  if (reader.u8() !== ADDRESS_ID) throw new ScaleError('only account addresses sign');
  const signer = toHex(reader.bytes(32));
  const scheme = reader.u8();
  const signature = reader.bytes(signatureBytes(scheme) ?? fault('unknown signature scheme'));
  const extraFrom = reader.position;
  const era = readEra(reader);
  const nonce = readU32(reader);
  const tipRao = reader.compact();
  if (tipRao >> 64n !== 0n) throw new ScaleError('tip too large');
  const mode = reader.u8();
  if (mode > 1) throw new ScaleError('unknown metadata hash mode');
  const callFrom = reader.position;
  const call: Call = codecs.of('RuntimeCall').dec(reader);
  reader.end();
  return {
    hash: toHex(hash256(bytes)),
    bytes,
    signer,
    era,
    nonce,
    tipRao,
    call,
    signature,
    scheme,
    metadataHash: mode === 1,
    lastBlock: Number.POSITIVE_INFINITY,
    specVersion: null,
    signedCall: reader.cut(callFrom, bytes.length),
    signedExtra: reader.cut(extraFrom, callFrom),
  };
}

function readEra(reader: Reader): Era | null {
  const low = reader.u8();
  if (low === 0) return null;
  const bits = low | (reader.u8() << 8);
  const period = 2 << (bits & 15);
  const phase = (bits >> 4) * Math.max(period >> 12, 1);
  if (period < 4 || phase >= period) throw new ScaleError('era out of range');
  return { period, phase };
}

function readU32(reader: Reader): number {
  const value = reader.compact();
  if (value >> 32n !== 0n) throw new ScaleError('nonce too large');
  return Number(value);
}

/** The block a mortal extrinsic was born in, seen from the block being built. */
export const birthBlock = (era: Era, building: number): number =>
  Math.floor((Math.max(building, era.phase) - era.phase) / era.period) * era.period + era.phase;

/**
 * Checks the signature over our own values, never over fields that were sent: a transaction for another chain,
 * another runtime or another fork does not verify.
 */
export function isSignedBy(
  extrinsic: Extrinsic,
  version: RuntimeVersion,
  genesisHash: string,
  birthHash: string,
): boolean {
  if (extrinsic.metadataHash) return false;
  const implicit = concat(
    uintBytes(BigInt(version.spec_version), 4),
    uintBytes(BigInt(version.transaction_version), 4),
    fromHex(genesisHash),
    fromHex(birthHash),
    Uint8Array.of(0),
  );
  const payload = concat(extrinsic.signedCall, extrinsic.signedExtra, implicit);
  const message = payload.length > 256 ? hash256(payload) : payload;
  return isSignature(extrinsic.scheme, message, extrinsic.signature, fromHex(extrinsic.signer));
}

/** The block's first extrinsic: its clock. */
export function timestampInherent(nowMs: number, codecs: Codecs): Uint8Array {
  const call: Call = { type: 'Timestamp', value: { type: 'set', value: { now: BigInt(nowMs) } } };
  const body = concat(Uint8Array.of(BARE_V4), codecs.of('RuntimeCall').enc(call));
  return concat(compactBytes(BigInt(body.length)), body);
}

function fault(reason: string): never {
  throw new ScaleError(reason);
}
