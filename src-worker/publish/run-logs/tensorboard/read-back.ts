import type { FileHandle } from 'node:fs/promises';
import { BEFORE_ALL } from '../../../../src-shared/run-logs/row.ts';
import { RECORD_BYTES_MOST, SCAN_BYTES } from '../limits.ts';
import { seqOf } from './event.ts';
import { HEAD_BYTES, isWhole, payloadLength, TAIL_BYTES } from './record.ts';

export interface ReadBack {
  /** The number of the last row that stands in it whole; -1: none. */
  readonly lastSeq: number;
  /** Where the last whole record ends; what follows is torn. */
  readonly wholeBytes: number;
  readonly sizeBytes: number;
}

/** Reads an event file from its beginning up to the first record that is not whole. */
export async function readBack(file: FileHandle): Promise<ReadBack> {
  const sizeBytes = (await file.stat()).size;
  let lastSeq: number = BEFORE_ALL;
  let wholeBytes = 0;
  let held: Uint8Array = new Uint8Array(0);
  for (let at = 0; at < sizeBytes; ) {
    const chunk = new Uint8Array(Math.min(SCAN_BYTES, sizeBytes - at));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    const bytes = Buffer.concat([held, chunk.subarray(0, bytesRead)]);
    const found = readRecords(bytes);
    wholeBytes += found.readBytes;
    lastSeq = Math.max(lastSeq, found.lastSeq);
    held = bytes.subarray(found.readBytes);
    if (found.isTorn) break;
  }
  return { lastSeq, wholeBytes, sizeBytes };
}

/** The whole records at the beginning of some bytes; `isTorn` where the next one can never become whole. */
function readRecords(bytes: Uint8Array): {
  readonly readBytes: number;
  readonly lastSeq: number;
  readonly isTorn: boolean;
} {
  let readBytes = 0;
  let lastSeq: number = BEFORE_ALL;
  while (bytes.length - readBytes >= HEAD_BYTES) {
    const length = payloadLength(bytes.subarray(readBytes, readBytes + HEAD_BYTES), RECORD_BYTES_MOST);
    if (length === null) return { readBytes, lastSeq, isTorn: true };
    const begin = readBytes + HEAD_BYTES;
    const end = begin + length + TAIL_BYTES;
    if (end > bytes.length) break;
    const seq = isWhole(bytes.subarray(begin, end))
      ? readSeq(bytes.subarray(begin, begin + length))
      : undefined;
    if (seq === undefined) return { readBytes, lastSeq, isTorn: true };
    lastSeq = Math.max(lastSeq, seq ?? BEFORE_ALL);
    readBytes = end;
  }
  return { readBytes, lastSeq, isTorn: false };
}

/** undefined for what is no message. */
function readSeq(payload: Uint8Array): number | null | undefined {
  try {
    return seqOf(payload);
  } catch {
    return undefined;
  }
}
