import { chunkMaxBytes } from '../../../src-shared/codec/chunk-coder.ts';
import { codecOfWire, resultCodecOfWire } from '../../../src-shared/codec/table.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';

/**
 * Frames of a reduce stream. Header of 16 bytes, little endian: type u8, codec u8, reserved u16 (0), chunk u32,
 * payload length u32, round tag u32 (the first four bytes of the roster digest).
 */
export const frameTypes = {
  /**
   * Round u64, roster digest, ms since the agreed roster came u32, then the leaf digests of the sender's contribution
   * (none if it sends nothing).
   */
  open: 1,
  /** One encoded chunk of the sender's contribution. */
  chunk: 2,
  /** Contributors u64, divisor u32, index of the signer u8, its signature (64), then the encoded result. */
  result: 3,
  /** Who signed it has no result for this chunk: index u8, signature (64). */
  none: 4,
  heartbeat: 5,
  /** Everything owed was sent, everything wanted has come. */
  done: 6,
  abort: 7,
  /** To a sender: the place in our part before which it may send u32, and how many of its chunks and results came on this stream u32. */
  window: 8,
  /** A standby asks for its chunk: for the reducer's result, or else for the values. */
  ask: 9,
  /** What was expected will not come: it would be late, or there is nothing. */
  pass: 10,
} as const;

export type FrameType = (typeof frameTypes)[keyof typeof frameTypes];

export interface Frame {
  readonly type: FrameType;
  /** Number of the values' codec (src-shared/codec/table.ts); 0 where there is no payload of values. */
  readonly codec: number;
  readonly chunk: number;
  readonly tag: number;
  readonly payload: Uint8Array;
}

export const HEADER_BYTES = 16;
export const DIGEST_BYTES = 32;
export const OPEN_FIXED_BYTES = 8 + DIGEST_BYTES + 4;
export const NONE_BYTES = 1 + 64;
export const RESULT_FIXED_BYTES = 8 + 4 + NONE_BYTES;
const WINDOW_BYTES = 12;
/** Who came back in the middle of the round does not know when the roster came. */
const UNKNOWN_AGO = 0xffff_ffff;

/** What a stream may carry at most; follows from the model, so nothing is allocated that cannot be meant. */
export interface FrameBounds {
  readonly chunks: number;
  readonly chunkElements: number;
}

const empty = new Uint8Array(0);

type Head = Omit<Frame, 'payload' | 'codec' | 'chunk'> & Partial<Omit<Frame, 'payload'>>;

export function encodeFrame(frame: Head & Partial<Frame>): Uint8Array {
  const payload = frame.payload ?? empty;
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  bytes.set(payload, HEADER_BYTES);
  return withHeader(bytes, frame);
}

/** Writes the header into the room that was left for it before the payload. @returns the same bytes */
export function withHeader(bytes: Uint8Array, head: Head): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  bytes[0] = head.type;
  bytes[1] = head.codec ?? 0;
  view.setUint32(4, head.chunk ?? 0, true);
  view.setUint32(8, bytes.length - HEADER_BYTES, true);
  view.setUint32(12, head.tag, true);
  return bytes;
}

/** Whether a payload of this length can belong to a frame of this type and codec. */
function lengthFits(
  { type, codec, length }: { readonly type: number; readonly codec: number; readonly length: number },
  { chunks, chunkElements }: FrameBounds,
): boolean {
  const tier = codecOfWire(codec);
  switch (type) {
    case frameTypes.open:
      return (
        codec === 0 && (length === OPEN_FIXED_BYTES || length === OPEN_FIXED_BYTES + DIGEST_BYTES * chunks)
      );
    case frameTypes.chunk:
      return tier !== null && length > 0 && length <= chunkMaxBytes(tier, chunkElements);
    case frameTypes.result:
      return (
        length > RESULT_FIXED_BYTES &&
        length - RESULT_FIXED_BYTES <= (resultCodecOfWire(codec)?.maxBytes(chunkElements) ?? 0)
      );
    case frameTypes.none:
      return codec === 0 && length === NONE_BYTES;
    case frameTypes.window:
      return codec === 0 && length === WINDOW_BYTES;
    case frameTypes.heartbeat:
    case frameTypes.done:
    case frameTypes.abort:
    case frameTypes.ask:
    case frameTypes.pass:
      return codec === 0 && length === 0;
    default:
      return false;
  }
}

/** Puts frames together from bytes in pieces of any size. The payload is allocated after its header was judged. */
export class FrameReader {
  readonly #bounds: FrameBounds;
  readonly #peer: string;
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerFilled = 0;
  #open: Omit<Frame, 'payload'> | null = null;
  #payload: Uint8Array = empty;
  #payloadFilled = 0;

  constructor(bounds: FrameBounds, peer: string) {
    this.#bounds = bounds;
    this.#peer = peer;
  }

  /** @throws {AppError} PEER_MALFORMED; the reader is of no use after that */
  push(bytes: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let rest = bytes;
    while (rest.length > 0) {
      rest = this.#open ? this.#fillPayload(rest) : this.#fillHeader(rest);
      if (!this.#open || this.#payloadFilled < this.#payload.length) continue;
      frames.push({ ...this.#open, payload: this.#payload });
      this.#open = null;
      this.#payload = empty;
    }
    return frames;
  }

  #fillHeader(bytes: Uint8Array): Uint8Array {
    const taken = bytes.subarray(0, HEADER_BYTES - this.#headerFilled);
    this.#header.set(taken, this.#headerFilled);
    this.#headerFilled += taken.length;
    if (this.#headerFilled === HEADER_BYTES) this.#judgeHeader();
    return bytes.subarray(taken.length);
  }

  #judgeHeader(): void {
    const view = new DataView(this.#header.buffer);
    const [type, codec] = [view.getUint8(0), view.getUint8(1)];
    const [chunk, length, tag] = [view.getUint32(4, true), view.getUint32(8, true), view.getUint32(12, true)];
    if (!lengthFits({ type, codec, length }, this.#bounds))
      throw this.#malformed('frame type, codec or length');
    if (view.getUint16(2) !== 0) throw this.#malformed('frame header');
    if (chunk >= this.#bounds.chunks) throw this.#malformed('chunk number');
    this.#open = { type: type as FrameType, codec, chunk, tag };
    this.#payload = length === 0 ? empty : new Uint8Array(length);
    this.#payloadFilled = 0;
    this.#headerFilled = 0;
  }

  #fillPayload(bytes: Uint8Array): Uint8Array {
    const taken = bytes.subarray(0, this.#payload.length - this.#payloadFilled);
    this.#payload.set(taken, this.#payloadFilled);
    this.#payloadFilled += taken.length;
    return bytes.subarray(taken.length);
  }

  #malformed(detail: string): AppError {
    return new AppError('PEER_MALFORMED', { peer: this.#peer, detail });
  }
}

export interface Open {
  readonly round: number;
  readonly rosterDigest: Uint8Array;
  /** How long ago the agreed roster came to the sender; null where it does not know. */
  readonly agoMs: number | null;
  readonly leaves: readonly Uint8Array[];
}

export function encodeOpen({ round, rosterDigest, agoMs, leaves }: Open): Uint8Array {
  const payload = new Uint8Array(OPEN_FIXED_BYTES + leaves.length * DIGEST_BYTES);
  const view = new DataView(payload.buffer);
  view.setBigUint64(0, BigInt(round), true);
  payload.set(rosterDigest, 8);
  const ago = agoMs === null ? UNKNOWN_AGO : Math.min(UNKNOWN_AGO - 1, Math.max(0, Math.round(agoMs)));
  view.setUint32(8 + DIGEST_BYTES, ago, true);
  for (const [i, leaf] of leaves.entries()) payload.set(leaf, OPEN_FIXED_BYTES + i * DIGEST_BYTES);
  return payload;
}

/** @returns null when the round is no safe integer */
export function decodeOpen(payload: Uint8Array): Open | null {
  const view = new DataView(payload.buffer, payload.byteOffset);
  const round = Number(view.getBigUint64(0, true));
  if (!Number.isSafeInteger(round)) return null;
  const ago = view.getUint32(8 + DIGEST_BYTES, true);
  const leaves: Uint8Array[] = [];
  for (let at = OPEN_FIXED_BYTES; at < payload.length; at += DIGEST_BYTES)
    leaves.push(payload.subarray(at, at + DIGEST_BYTES));
  const rosterDigest = payload.subarray(8, 8 + DIGEST_BYTES);
  return { round, rosterDigest, agoMs: ago === UNKNOWN_AGO ? null : ago, leaves };
}

/**
 * How far a sender may go in our part, how many chunks and results of its came on this stream, and when the last of them
 * came, in whole ms of our clock modulo 2^32.
 */
export interface Window {
  readonly place: number;
  readonly received: number;
  readonly cameMs: number;
}

export function encodeWindow({ place, received, cameMs }: Window): Uint8Array {
  const payload = new Uint8Array(WINDOW_BYTES);
  const view = new DataView(payload.buffer);
  view.setUint32(0, place, true);
  view.setUint32(4, received, true);
  view.setUint32(8, cameMs, true);
  return payload;
}

export function decodeWindow(payload: Uint8Array): Window {
  const view = new DataView(payload.buffer, payload.byteOffset);
  return {
    place: view.getUint32(0, true),
    received: view.getUint32(4, true),
    cameMs: view.getUint32(8, true),
  };
}

/** Who answers for a chunk, its reducer or its standby, and its word. */
export interface Signed {
  /** Index in the roster. */
  readonly signer: number;
  readonly signature: Uint8Array;
}

/** A result of one chunk as it travels, from who reduced it or from a member that keeps it. */
export interface SignedResult extends Signed {
  readonly contributors: bigint;
  readonly divisor: number;
  /** The encoded mean. */
  readonly values: Uint8Array;
}

export function encodeNone({ signer, signature }: Signed): Uint8Array {
  const payload = new Uint8Array(NONE_BYTES);
  payload[0] = signer;
  payload.set(signature, 1);
  return payload;
}

export const decodeNone = (payload: Uint8Array): Signed => ({
  signer: payload[0]!,
  signature: payload.slice(1, NONE_BYTES),
});

export const encodeResult = (result: SignedResult): Uint8Array => resultBehind(0, result);

/** The whole frame of a result, whose values are copied once. */
export const encodeResultFrame = (head: Omit<Head, 'type'>, result: SignedResult): Uint8Array =>
  withHeader(resultBehind(HEADER_BYTES, result), { ...head, type: frameTypes.result });

/** @param room bytes left free before it */
function resultBehind(room: number, result: SignedResult): Uint8Array {
  const bytes = new Uint8Array(room + RESULT_FIXED_BYTES + result.values.length);
  const view = new DataView(bytes.buffer, room);
  view.setBigUint64(0, result.contributors, true);
  view.setUint32(8, result.divisor, true);
  bytes.set(encodeNone(result), room + 12);
  bytes.set(result.values, room + RESULT_FIXED_BYTES);
  return bytes;
}

/** The payload must be longer than its fixed part, which both doors have checked. */
export function decodeResultFrame(payload: Uint8Array): SignedResult {
  const view = new DataView(payload.buffer, payload.byteOffset);
  return {
    contributors: view.getBigUint64(0, true),
    divisor: view.getUint32(8, true),
    ...decodeNone(payload.subarray(12)),
    values: payload.subarray(RESULT_FIXED_BYTES),
  };
}
