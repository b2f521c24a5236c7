import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { type Hex, hex } from '../units.ts';

/**
 * What a witness writes on chain: one field of its commitment slot.
 * Layout: version (1), tag (8), round (u32, little endian), parent id (32), result id (32). A result of 32 zero bytes
 * means none.
 */
export interface WitnessRecord {
  /** First 8 bytes of the profile hash. */
  readonly tag: Hex;
  readonly round: number;
  readonly parentId: Hex;
  readonly resultId: Hex | null;
}

export const RECORD_BYTES = 77;
const VERSION = 1;
const MAX_ROUND = 0xffff_ffff;
const NONE = '0'.repeat(64);

/** @throws {RangeError} when a part does not fit the layout: a defect of the caller. */
export function encodeRecord(record: WitnessRecord): Uint8Array {
  if (!Number.isSafeInteger(record.round) || record.round < 0 || record.round > MAX_ROUND)
    throw new RangeError('round does not fit a record');
  const out = new Uint8Array(RECORD_BYTES);
  out[0] = VERSION;
  out.set(fixed(record.tag, 8), 1);
  new DataView(out.buffer).setUint32(9, record.round, true);
  out.set(fixed(record.parentId, 32), 13);
  out.set(fixed(record.resultId ?? NONE, 32), 45);
  return out;
}

/** Reads a field of somebody's commitment; null when it is no record of this version. */
export function parseRecord(field: Uint8Array): WitnessRecord | null {
  if (field.length !== RECORD_BYTES || field[0] !== VERSION) return null;
  const result = bytesToHex(field.subarray(45, 77));
  return {
    tag: hex(bytesToHex(field.subarray(1, 9))),
    round: new DataView(field.buffer, field.byteOffset, field.length).getUint32(9, true),
    parentId: hex(bytesToHex(field.subarray(13, 45))),
    resultId: result === NONE ? null : hex(result),
  };
}

/** The record of this run among the fields of a commitment; null when there is none or more than one. */
export function recordIn(fields: readonly Uint8Array[], tag: Hex): WitnessRecord | null {
  const records = fields.map(parseRecord).filter((record) => record?.tag === tag);
  return records.length === 1 ? (records[0] ?? null) : null;
}

function fixed(text: string, size: number): Uint8Array {
  const bytes = hexToBytes(text);
  if (bytes.length !== size) throw new RangeError(`expected ${size} bytes`);
  return bytes;
}
