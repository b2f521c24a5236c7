import { maskedCrc32c } from './crc32c.ts';

/**
 * Implements the frame of TensorFlow's record files: length (u64, little endian), its masked sum, the payload, its
 * masked sum.
 */
export const HEAD_BYTES = 12;
export const TAIL_BYTES = 4;

export function frame(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + payload.length + TAIL_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(payload.length), true);
  view.setUint32(8, maskedCrc32c(bytes.subarray(0, 8)), true);
  bytes.set(payload, HEAD_BYTES);
  view.setUint32(HEAD_BYTES + payload.length, maskedCrc32c(payload), true);
  return bytes;
}

/** How many bytes the payload has whose frame begins so; null where that is no head of ours. */
export function payloadLength(head: Uint8Array, most: number): number | null {
  const view = new DataView(head.buffer, head.byteOffset, HEAD_BYTES);
  if (view.getUint32(8, true) !== maskedCrc32c(head.subarray(0, 8))) return null;
  const length = view.getBigUint64(0, true);
  return length > BigInt(most) ? null : Number(length);
}

/** Whether the sum behind a payload is its own. @param bytes the payload with what follows it */
export function isWhole(bytes: Uint8Array): boolean {
  const end = bytes.length - TAIL_BYTES;
  const sum = new DataView(bytes.buffer, bytes.byteOffset + end, TAIL_BYTES).getUint32(0, true);
  return sum === maskedCrc32c(bytes.subarray(0, end));
}
