import { concatBytes } from '@noble/hashes/utils.js';

/**
 * What a validator commits to in place of its weights, in the layout of `commit_timelocked_weights` version 4. The
 * cipher itself needs AES and stands in `src-node/timelock.ts`; here is what it wraps and the beacon it waits for.
 */
export interface WeightsPayload {
  /** Raw public key, 32 bytes. */
  readonly hotkey: Uint8Array;
  readonly uids: readonly number[];
  /** One u16 for each uid. */
  readonly values: readonly number[];
  readonly versionKey: bigint;
}

/** Drand's quicknet: signatures on G1, public key on G2. Source: its `/info`; the chain has the same compiled in. */
export const QUICKNET = {
  chainHash: '52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971',
  genesisS: 1_692_803_367,
  periodS: 3,
  publicKey:
    '83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451' +
    '0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a',
} as const;

/** Version of the layout, as the chain counts. */
export const TIMELOCK_VERSION = 4;

/** When a beacon began, and how often its pulses come. */
export interface BeaconTimes {
  readonly genesisS: number;
  readonly periodS: number;
}

/** The newest round whose pulse is out at a time; 0 before the first. Round 1 came with the genesis. */
export const roundAt = (unixMs: number, { genesisS, periodS }: BeaconTimes = QUICKNET): number =>
  Math.max(0, Math.floor((unixMs / 1_000 - genesisS) / periodS) + 1);

/** When a round's pulse comes out, in ms since 1970. */
export const roundTimeMs = (round: number, { genesisS, periodS }: BeaconTimes = QUICKNET): number =>
  (genesisS + (round - 1) * periodS) * 1_000;

/** `MAX_CRV3_COMMIT_SIZE_BYTES` of the chain: a longer commit does not decode as the call's argument. */
export const MAX_COMMIT_BYTES = 5_000;
const HOTKEY_BYTES = 32;
/** Two bytes each for uid and value: more of them would not fit a commit. */
const MAX_ENTRIES = Math.floor(MAX_COMMIT_BYTES / 4);
const U16_MAX = 65_535;
const U64_END = 1n << 64n;

/**
 * SCALE of `{hotkey: Vec<u8>, uids: Vec<u16>, values: Vec<u16>, version_key: u64}`.
 * @throws {RangeError} for what has no such form: the caller's own mistake
 */
export function encodeWeightsPayload({ hotkey, uids, values, versionKey }: WeightsPayload): Uint8Array {
  if (hotkey.length !== HOTKEY_BYTES) throw new RangeError(`a hotkey has ${HOTKEY_BYTES} bytes`);
  if (uids.length !== values.length) throw new RangeError('one value for each uid');
  return concatBytes(
    compact(hotkey.length),
    hotkey,
    encodeU16s(uids),
    encodeU16s(values),
    encodeU64(versionKey),
  );
}

/** @throws {RangeError} outside of a u64 */
export function encodeU64(value: bigint): Uint8Array {
  if (value < 0n || value >= U64_END) throw new RangeError('the version key is a u64');
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

/** SCALE's `Vec<u16>`. @throws {RangeError} for other numbers, or more than a commit holds */
export function encodeU16s(numbers: readonly number[]): Uint8Array {
  if (numbers.length > MAX_ENTRIES) throw new RangeError(`at most ${MAX_ENTRIES} weights fit a commit`);
  const bytes = new Uint8Array(numbers.length * 2);
  const view = new DataView(bytes.buffer);
  for (const [i, each] of numbers.entries()) {
    if (!Number.isInteger(each) || each < 0 || each > U16_MAX) throw new RangeError(`${each} is no u16`);
    view.setUint16(i * 2, each, true);
  }
  return concatBytes(compact(numbers.length), bytes);
}

/** SCALE's length prefix, below 2^14. */
const compact = (length: number): Uint8Array =>
  length < 64 ? Uint8Array.of(length << 2) : Uint8Array.of(((length << 2) & 0xff) | 1, length >> 6);

/** Null for bytes that are no payload, whoever wrote them: wrong lengths, bytes missing or left over. */
export function decodeWeightsPayload(bytes: Uint8Array): WeightsPayload | null {
  if (bytes.length > MAX_COMMIT_BYTES) return null;
  const cut = { bytes, at: 0 };
  const hotkeyLength = readLength(cut);
  if (hotkeyLength !== HOTKEY_BYTES || cut.at + HOTKEY_BYTES > bytes.length) return null;
  const hotkey = bytes.slice(cut.at, cut.at + HOTKEY_BYTES);
  cut.at += HOTKEY_BYTES;
  const uids = readU16s(cut);
  const values = uids && readU16s(cut);
  if (!values || values.length !== uids.length || cut.at + 8 !== bytes.length) return null;
  return { hotkey, uids, values, versionKey: viewOf(bytes).getBigUint64(cut.at, true) };
}

interface Cut {
  readonly bytes: Uint8Array;
  at: number;
}

/** One length has one form: the longer one is refused where the shorter would do. */
function readLength(cut: Cut): number | null {
  const first = cut.bytes[cut.at];
  const second = cut.bytes[cut.at + 1];
  if (first === undefined) return null;
  if ((first & 3) === 0) {
    cut.at += 1;
    return first >> 2;
  }
  if ((first & 3) !== 1 || second === undefined || second === 0) return null;
  cut.at += 2;
  return (first >> 2) | (second << 6);
}

function readU16s(cut: Cut): number[] | null {
  const length = readLength(cut);
  if (length === null || length > MAX_ENTRIES || cut.at + length * 2 > cut.bytes.length) return null;
  const view = viewOf(cut.bytes);
  const numbers = Array.from({ length }, (_, i) => view.getUint16(cut.at + i * 2, true));
  cut.at += length * 2;
  return numbers;
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
