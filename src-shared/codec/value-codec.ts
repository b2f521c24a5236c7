/** What decides how values are written down; the same for all members of a run. */
export interface CodecSettings {
  /** fp16 carries x * 2^fp16Shift. */
  readonly fp16Shift: number;
  /** u: every decoded value is an integer multiple of 2^-u and below 2^(34-u) in magnitude. */
  readonly unitExponent: number;
}

/**
 * How a contribution's values travel. Every decoded value is an integer multiple of 2^-u below 2^(34-u), so that 64
 * members of weight 127 sum exactly in 53 bits, in any order (`reduce/sum.ts`). Scales are powers of two. Senders
 * saturate, receivers refuse the rest, and bytes that mean nothing have one form.
 */
export interface ValueCodec {
  /** Its number in frames. */
  readonly wire: number;
  /** Bytes of so many encoded values; hangs on nothing else. */
  bytes(elements: number): number;
  /** Saturates what is too large. A NaN becomes bytes that `decode` refuses, so the sender's own check sees it. */
  encode(values: Float32Array, settings: CodecSettings): Uint8Array<ArrayBuffer>;
  /** Fills `into` in float64, the same bits everywhere. @returns false when the bytes are none of this codec */
  decode(bytes: Uint8Array, into: Float64Array, settings: CodecSettings): boolean;
}

/** How a result's values travel: the mean rounded once, without hidden feedback, so that anybody can audit the bytes. */
export interface ResultCodec {
  readonly wire: number;
  /** Bytes of so many values at most. */
  maxBytes(elements: number): number;
  /** @param sum exact; each is divided by `divisor` in float64 and rounded once */
  encode(sum: Float64Array, divisor: number, settings: CodecSettings): Uint8Array<ArrayBuffer>;
  decode(bytes: Uint8Array, into: Float64Array, settings: CodecSettings): boolean;
}

/** Values stay below this in magnitude. */
export const magnitudeLimit = ({ unitExponent }: CodecSettings): number => 2 ** (34 - unitExponent);
