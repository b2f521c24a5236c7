/**
 * Implements the part of TensorFlow's `Event` message that scalars need (tensorflow/core/util/event.proto,
 * framework/summary.proto): 1 wall_time double, 2 step int64, 3 file_version string, 5 summary { 1 value { 1 tag,
 * 2 simple_value float } }. Field 8000 is ours: the number of the row, plus one; readers pass over fields that they do
 * not know. So a file itself says how far it is.
 */
export interface ScalarEvent {
  readonly seq: number;
  readonly atMs: number;
  readonly step: number;
  readonly scalars: Readonly<Record<string, number>>;
}

const SEQ_FIELD = 8_000;
const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;

/** What the first record of a file says. */
export const versionEvent = (atMs: number): Uint8Array =>
  joined([...wallTime(atMs), ...lengthed(3, new TextEncoder().encode('brain.Event:2'))]);

export function encodeEvent({ seq, atMs, step, scalars }: ScalarEvent): Uint8Array {
  const values = Object.entries(scalars).flatMap(([tag, value]) =>
    lengthed(1, joined([...lengthed(1, new TextEncoder().encode(tag)), key(2, FIXED_32), float32(value)])),
  );
  return joined([
    ...wallTime(atMs),
    ...[key(2, VARINT), varint(BigInt(step))],
    ...(values.length > 0 ? lengthed(5, joined(values)) : []),
    ...[key(SEQ_FIELD, VARINT), varint(BigInt(seq) + 1n)],
  ]);
}

/** The number of the row that a record tells; null where it tells none. @throws {RangeError} for what is no message */
export function seqOf(payload: Uint8Array): number | null {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  let at = 0;
  let seq: number | null = null;
  const readVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = view.getUint8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number of more than ten bytes');
  };
  while (at < payload.length) {
    const tag = Number(readVarint());
    const kind = tag & 7;
    if (kind === VARINT) {
      const value = readVarint();
      if (tag >>> 3 === SEQ_FIELD) seq = Number(value) - 1;
    } else if (kind === FIXED_64) at += 8;
    else if (kind === BYTES) {
      // Read before it is added: reading moves on itself.
      const length = Number(readVarint());
      at += length;
    } else if (kind === FIXED_32) at += 4;
    else throw new RangeError('a field of a kind that is not there');
  }
  if (at !== payload.length) throw new RangeError('a field that goes beyond its message');
  return seq !== null && Number.isSafeInteger(seq) && seq >= 0 ? seq : null;
}

const wallTime = (atMs: number): Uint8Array[] => [key(1, FIXED_64), float64(atMs / 1_000)];
const key = (field: number, kind: number): Uint8Array => varint((BigInt(field) << 3n) | BigInt(kind));
const lengthed = (field: number, bytes: Uint8Array): Uint8Array[] => [
  key(field, BYTES),
  varint(BigInt(bytes.length)),
  bytes,
];

/** Of numbers below zero all 64 bits, as protocol buffers write an int64. */
function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from([...bytes, Number(rest)]);
}

function float64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return bytes;
}

function float32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return bytes;
}

const joined = (parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);
