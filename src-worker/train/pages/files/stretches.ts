import { LINE_MAX_BYTES } from '../limits.ts';

/**
 * Files without row groups are cut into stretches of so many bytes, one a page. Part of the data rule (docs/PROTOCOL.md).
 */
export const STRETCH_BYTES = 2 * 1024 * 1024;

/** A file, read in parts; all functions here take it and the number of a stretch, or a place in it. */
export interface Readable {
  readonly sizeBytes: number;
  /** Bytes [start, end), all of them. */
  read(start: number, end: number): Promise<Uint8Array>;
}

export const stretchesOf = (sizeBytes: number): number => Math.ceil(sizeBytes / STRETCH_BYTES);

const NEW_LINE = 0x0a;

/**
 * The lines that begin in a stretch, without their ends. The last may end behind it; one above `LINE_MAX_BYTES` is left out
 * by everybody.
 */
export async function* linesOf(file: Readable, stretch: number): AsyncGenerator<Uint8Array> {
  const start = stretch * STRETCH_BYTES;
  const end = Math.min(start + STRETCH_BYTES, file.sizeBytes);
  // A line begins behind the end of another, which may be the byte before the stretch.
  const from = Math.max(0, start - 1);
  const bytes = await file.read(from, end);
  let at = start === 0 ? 0 : bytes.indexOf(NEW_LINE) + 1;
  if (start > 0 && at === 0) return;
  while (at < bytes.length) {
    const close = bytes.indexOf(NEW_LINE, at);
    if (close < 0) break;
    yield bytes.subarray(at, close);
    at = close + 1;
  }
  if (at >= bytes.length) return;
  const last = await restOfLine(file, end, bytes.subarray(at));
  if (last) yield last;
}

async function restOfLine(file: Readable, from: number, begun: Uint8Array): Promise<Uint8Array | null> {
  const parts = [begun];
  let length = begun.length;
  for (let at = from; at < file.sizeBytes && length <= LINE_MAX_BYTES; at += STRETCH_BYTES) {
    const part = await file.read(at, Math.min(at + STRETCH_BYTES, file.sizeBytes));
    const close = part.indexOf(NEW_LINE);
    const ours = close < 0 ? part : part.subarray(0, close);
    parts.push(ours);
    length += ours.length;
    if (close >= 0) break;
  }
  return length > LINE_MAX_BYTES ? null : Buffer.concat(parts, length);
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The text of a line of JSON under a name; null where it is no object, or has no text there: left out by everybody. */
export function textOfLine(line: Uint8Array, column: string): string | null {
  try {
    const value: unknown = JSON.parse(utf8.decode(line));
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, column)) return null;
    const text = (value as Readonly<Record<string, unknown>>)[column];
    return typeof text === 'string' ? text : null;
  } catch {
    return null;
  }
}

/** Bytes of a character in UTF-8 behind its first. */
const CONTINUATIONS_MOST = 3;

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/**
 * The piece of a text from `start` to `end`, each moved forward to where a character begins, by three bytes at most, so that
 * the pieces of a text make it whole again.
 */
export async function pieceOf(file: Readable, start: number, end: number): Promise<Uint8Array> {
  const bytes = await file.read(start, Math.min(end + CONTINUATIONS_MOST, file.sizeBytes));
  const moved = (from: number): number => {
    let at = from;
    while (at < from + CONTINUATIONS_MOST && isContinuation(bytes[at])) at += 1;
    return at;
  };
  const first = start === 0 ? 0 : moved(0);
  const last = end >= file.sizeBytes ? bytes.length : moved(end - start);
  return bytes.subarray(first, Math.max(first, last));
}
