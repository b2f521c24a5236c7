import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import * as v from 'valibot';
import { verifyEd25519 } from '../../../../../src-node/ed25519.ts';
import { count } from '../../../../../src-shared/contract/fields.ts';
import { canonicalJson } from '../../../../../src-shared/profile/profile.ts';
import type { SignEd25519 } from '../../../../../src-shared/rounds/signed.ts';
import type { Hex, Ss58 } from '../../../../../src-shared/units.ts';
import { DHT_RECORD_BYTES_MAX } from '../../../limits.ts';
import { fromBytes, toBytes } from '../../../net/json.ts';
import { type BindingDoor, type PeerRecord, peerRecordSchema } from '../../hello.ts';

/**
 * Where a hotkey listens, as it stands in the DHT under `/dt/<ss58>`. A binding names the peer key and no address, so
 * the peer key signs both: nobody else can say where a hotkey is.
 */
const recordSchema = v.object({
  ...peerRecordSchema.entries,
  /** Orders what one binding's key says. */
  seq: count,
  signature: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/)),
});

export interface FoundRecord {
  readonly hotkey: Ss58;
  readonly bindingSeq: number;
  readonly seq: number;
  readonly record: PeerRecord;
}

const PREFIX = '/dt/';
export const NAMESPACE = 'dt';
export const keyOf = (hotkey: Ss58): Uint8Array => utf8ToBytes(PREFIX + hotkey);
export const hotkeyIn = (key: Uint8Array): Ss58 =>
  Buffer.from(key).toString('utf8').slice(PREFIX.length) as Ss58;

const signedBytes = (runTag: Hex, { binding, addresses }: PeerRecord, seq: number): Uint8Array =>
  utf8ToBytes(`dt1-peer-record\n${runTag}\n${canonicalJson({ addresses, binding, seq })}`);

export function encodeRecord(runTag: Hex, record: PeerRecord, seq: number, sign: SignEd25519): Uint8Array {
  const { binding, addresses } = record;
  const signature = bytesToHex(sign(signedBytes(runTag, record, seq)));
  return toBytes({ binding, addresses, seq, signature });
}

/** @returns null for bytes that do not speak for the hotkey under whose key they stand, here and now */
export function readRecord(
  at: { readonly runTag: Hex; readonly door: BindingDoor },
  hotkey: Ss58,
  bytes: Uint8Array,
): FoundRecord | null {
  const said = bytes.length <= DHT_RECORD_BYTES_MAX ? fromBytes(recordSchema, bytes) : null;
  const binding = said && at.door.verify(said.binding);
  if (!said || binding?.hotkey !== hotkey) return null;
  const { seq, signature, ...record } = said;
  const isOwn = verifyEd25519(
    signedBytes(at.runTag, record, seq),
    hexToBytes(signature),
    hexToBytes(binding.peerKey),
  );
  return isOwn ? { hotkey, bindingSeq: binding.seq, seq, record } : null;
}

/** Whether a record is newer than another of the same hotkey. */
export const isNewer = (one: FoundRecord, other: FoundRecord): boolean =>
  one.bindingSeq > other.bindingSeq || (one.bindingSeq === other.bindingSeq && one.seq > other.seq);
