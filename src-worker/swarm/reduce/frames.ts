import { AppError } from '../../../src-shared/errors/app-error.ts';

/**
 * Frames of a reduce stream. Header of 16 bytes, little endian: type u8, codec u8, reserved u16 (0), chunk u32,
 * payload length u32, round tag u32 (the first four bytes of the roster digest).
 */
export const frameTypes = {
  /** Round u64, roster digest, then the leaf digests of the sender's contribution (none if it sends nothing). */
  open: 1,
  /** One encoded chunk of the sender's contribution. */
  chunk: 2,
  /** Contributors u64, divisor u32, the reducer's signature (64), then the result in fp16. */
  result: 3,
  /** The reducer has no result for this chunk. */
  none: 4,
  heartbeat: 5,
  /** Everything owed was sent, everything wanted has come. */
  done: 6,
  abort: 7,
} as const;

export type FrameType = (typeof frameTypes)[keyof typeof frameTypes];

export interface Frame {
  readonly type: FrameType;
  /** 0 is f32, 1 is fp16; 0 where there is no payload of values. */
  readonly codec: number;
  readonly chunk: number;
  readonly tag: number;
  readonly payload: Uint8Array;
}

export const HEADER_BYTES = 16;
export const DIGEST_BYTES = 32;
export const OPEN_FIXED_BYTES = 8 + DIGEST_BYTES;
export const RESULT_FIXED_BYTES = 8 + 4 + 64;

/** What a stream may carry at most; follows from the model, so nothing is allocated that cannot be meant. */
export interface FrameBounds {
  readonly chunks: number;
  readonly chunkElements: number;
}

const empty = new Uint8Array(0);

export function encodeFrame(frame: Omit<Frame, 'payload' | 'codec' | 'chunk'> & Partial<Frame>): Uint8Array {
  const payload = frame.payload ?? empty;
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = frame.type;
  bytes[1] = frame.codec ?? 0;
  view.setUint32(4, frame.chunk ?? 0, true);
  view.setUint32(8, payload.length, true);
  view.setUint32(12, frame.tag, true);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/** Whether a payload of this length can belong to a frame of this type. */
function lengthFits(type: number, length: number, { chunks, chunkElements }: FrameBounds): boolean {
  switch (type) {
    case frameTypes.open:
      return length === OPEN_FIXED_BYTES || length === OPEN_FIXED_BYTES + DIGEST_BYTES * chunks;
    case frameTypes.chunk:
      return length > 0 && length <= chunkElements * 4;
    case frameTypes.result:
      return length > RESULT_FIXED_BYTES && length <= RESULT_FIXED_BYTES + chunkElements * 2;
    case frameTypes.none:
    case frameTypes.heartbeat:
    case frameTypes.done:
    case frameTypes.abort:
      return length === 0;
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
    if (!lengthFits(type, length, this.#bounds)) throw this.#malformed('frame type or length');
    if (codec > 1 || view.getUint16(2) !== 0) throw this.#malformed('frame codec');
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

export function encodeOpen(open: {
  readonly round: number;
  readonly rosterDigest: Uint8Array;
  readonly leaves: readonly Uint8Array[];
}): Uint8Array {
  const payload = new Uint8Array(OPEN_FIXED_BYTES + open.leaves.length * DIGEST_BYTES);
  new DataView(payload.buffer).setBigUint64(0, BigInt(open.round), true);
  payload.set(open.rosterDigest, 8);
  for (const [i, leaf] of open.leaves.entries()) payload.set(leaf, OPEN_FIXED_BYTES + i * DIGEST_BYTES);
  return payload;
}

/** @returns null when the round is no safe integer */
export function decodeOpen(payload: Uint8Array): {
  readonly round: number;
  readonly rosterDigest: Uint8Array;
  readonly leaves: readonly Uint8Array[];
} | null {
  const round = Number(new DataView(payload.buffer, payload.byteOffset).getBigUint64(0, true));
  if (!Number.isSafeInteger(round)) return null;
  const leaves: Uint8Array[] = [];
  for (let at = OPEN_FIXED_BYTES; at < payload.length; at += DIGEST_BYTES)
    leaves.push(payload.subarray(at, at + DIGEST_BYTES));
  return { round, rosterDigest: payload.subarray(8, OPEN_FIXED_BYTES), leaves };
}

/** A reducer's result of one chunk as it travels, from the reducer itself or from a member that keeps it. */
export interface SignedResult {
  readonly contributors: bigint;
  readonly divisor: number;
  readonly signature: Uint8Array;
  /** fp16, little endian. */
  readonly values: Uint8Array;
}

export function encodeResult(result: SignedResult): Uint8Array {
  const payload = new Uint8Array(RESULT_FIXED_BYTES + result.values.length);
  const view = new DataView(payload.buffer);
  view.setBigUint64(0, result.contributors, true);
  view.setUint32(8, result.divisor, true);
  payload.set(result.signature, 12);
  payload.set(result.values, RESULT_FIXED_BYTES);
  return payload;
}

/** The payload must be longer than its fixed part, which both doors have checked. */
export function decodeResultFrame(payload: Uint8Array): SignedResult {
  const view = new DataView(payload.buffer, payload.byteOffset);
  return {
    contributors: view.getBigUint64(0, true),
    divisor: view.getUint32(8, true),
    signature: payload.subarray(12, RESULT_FIXED_BYTES),
    values: payload.subarray(RESULT_FIXED_BYTES),
  };
}
