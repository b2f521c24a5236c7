import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import {
  decodeNone,
  decodeOpen,
  decodeResultFrame,
  decodeWindow,
  encodeFrame,
  encodeNone,
  encodeOpen,
  encodeResult,
  encodeWindow,
  type Frame,
  FrameReader,
  type FrameType,
  frameTypes,
  HEADER_BYTES,
  NONE_BYTES,
  OPEN_FIXED_BYTES,
  RESULT_FIXED_BYTES,
} from '../../../src-worker/swarm/reduce/frames.ts';
import { runs } from '../../runs.ts';

const bounds = { chunks: 20, chunkElements: 64 };
const numRuns = runs(2_000, 20_000);

/** Numbers of codecs that payloads of this length can have. */
const codecs: Partial<Record<FrameType, number>> = { [frameTypes.chunk]: 0, [frameTypes.result]: 1 };
const payloadOf = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes });
const frame = fc
  .oneof(
    fc.tuple(fc.constant(frameTypes.chunk), fc.integer({ min: 1, max: 256 }).chain(payloadOf)),
    fc.tuple(
      fc.constant(frameTypes.result),
      fc.integer({ min: RESULT_FIXED_BYTES + 1, max: RESULT_FIXED_BYTES + 128 }).chain(payloadOf),
    ),
    fc.tuple(fc.constant(frameTypes.open), payloadOf(OPEN_FIXED_BYTES + 20 * 32)),
    fc.tuple(fc.constant(frameTypes.heartbeat), payloadOf(0)),
    fc.tuple(fc.constant(frameTypes.none), payloadOf(NONE_BYTES)),
    fc.tuple(fc.constant(frameTypes.window), payloadOf(12)),
    fc.tuple(fc.constantFrom(frameTypes.ask, frameTypes.pass), payloadOf(0)),
  )
  .chain(([type, payload]) =>
    fc.record({
      type: fc.constant(type),
      payload: fc.constant(payload),
      codec: fc.constant(codecs[type] ?? 0),
      chunk: fc.integer({ min: 0, max: 19 }),
      tag: fc.nat(),
    }),
  );

/** What a reader makes of bytes handed over in pieces; the error that ended it, if any. */
function readIn(pieces: readonly Uint8Array[]): { frames: Frame[]; error: unknown } {
  const reader = new FrameReader(bounds, 'test');
  const frames: Frame[] = [];
  try {
    for (const piece of pieces) frames.push(...reader.push(piece));
    return { frames, error: null };
  } catch (error) {
    return { frames, error };
  }
}

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

describe('reduce frames', () => {
  it('come out as they went in, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(frame, { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 }),
        (frames, sizes) => {
          const bytes = Buffer.concat(frames.map(encodeFrame));
          expect(readIn(cut(new Uint8Array(bytes), sizes)).frames).toEqual(frames);
        },
      ),
      { numRuns: numRuns / 10 },
    );
  });

  it('never make the parser throw anything but a coded refusal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        const { error } = readIn([bytes]);
        return error === null || (error instanceof AppError && error.code === 'PEER_MALFORMED');
      }),
      { numRuns },
    );
  });

  it('with one byte of the header changed are refused or stay within bounds', () => {
    fc.assert(
      fc.property(
        frame,
        fc.nat({ max: HEADER_BYTES - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (f, at, flip) => {
          const bytes = encodeFrame(f);
          bytes[at]! ^= flip;
          const { frames, error } = readIn([bytes]);
          if (error) return error instanceof AppError;
          return frames.every((read) => read.chunk < bounds.chunks && read.payload.length <= bytes.length);
        },
      ),
      { numRuns },
    );
  });

  it.each([
    ['an unknown type', [11, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['a chunk outside the grid', [9, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0]],
    ['an unknown codec', [2, 7, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0]],
    ['a codec where there are no values', [5, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['a result in a codec of contributions alone', [3, 4, 0, 0, 0, 0, 0, 0, 80, 0, 0, 0]],
    ['a heartbeat with a payload', [5, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]],
    ['a word without its signature', [4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['four gigabytes', [2, 1, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255]],
    ['leaves of half a digest', [1, 0, 0, 0, 0, 0, 0, 0, 60, 0, 0, 0]],
  ])('are refused by their header alone: %s', (_what, head) => {
    const { error } = readIn([Uint8Array.from([...head, 1, 2, 3, 4])]);
    expect(error).toMatchObject({ code: 'PEER_MALFORMED' });
  });

  it('carry a roster and leaves', () => {
    const leaves = Array.from({ length: 20 }, (_, i) => new Uint8Array(32).fill(i));
    const open = { round: 2 ** 40, rosterDigest: new Uint8Array(32).fill(7), agoMs: 1_234, leaves };
    expect(decodeOpen(encodeOpen(open))).toEqual(open);
    expect(decodeOpen(encodeOpen({ ...open, agoMs: null }))?.agoMs).toBeNull();
    expect(decodeOpen(encodeOpen({ ...open, agoMs: 1e12 }))?.agoMs).toBe(0xffff_fffe);
    const payload = encodeOpen({ ...open, leaves: [] });
    payload.fill(255, 0, 8);
    expect(decodeOpen(payload)).toBeNull();
  });

  it('carry a signed result', () => {
    const result = {
      contributors: (1n << 63n) | 5n,
      divisor: 127 * 64,
      signer: 63,
      signature: new Uint8Array(64).fill(3),
      values: Uint8Array.of(1, 2, 3, 4),
    };
    expect(decodeResultFrame(encodeResult(result))).toEqual(result);
  });

  it('carry a signed word that there is none, and how far a sender may go', () => {
    const none = { signer: 7, signature: new Uint8Array(64).fill(5) };
    expect(decodeNone(encodeNone(none))).toEqual(none);
    const window = { place: 70_000, received: 3, cameMs: 4_294_967_295 };
    expect(decodeWindow(encodeWindow(window))).toEqual(window);
  });
});
