/** How values travel: fp16 of x * 2^shift, or plain f32 (tests only: its sums are not exact). Little endian. */
export type ValueCodec = 'fp16' | 'f32';

export interface CodecSettings {
  /** fp16 carries x * 2^fp16Shift. */
  readonly fp16Shift: number;
  /** Every decoded fp16 value is an integer multiple of 2^-unitExponent and below 2^(34 - unitExponent). */
  readonly unitExponent: number;
}

export const bytesPerValue = (codec: ValueCodec): number => (codec === 'fp16' ? 2 : 4);

/** Values must stay below this in magnitude, so that 64 members of weight 127 sum exactly in 53 bits. */
export const magnitudeLimit = ({ unitExponent }: CodecSettings): number => 2 ** (34 - unitExponent);

/** The largest fp16 number below a power of two: 11 significant bits, all set. */
const largestFp16Below = (powerOfTwo: number): number => Math.min(powerOfTwo * (1 - 2 ** -11), 65_504);

/**
 * Values as fp16 of x * 2^fp16Shift; what is too large saturates. A NaN stays one, so that the sender's own check
 * and every reducer see it.
 */
export function encodeFp16(values: ArrayLike<number>, settings: CodecSettings): Uint8Array {
  const scale = 2 ** settings.fp16Shift;
  const limit = largestFp16Below(magnitudeLimit(settings) * scale);
  const encoded = new Float16Array(values.length);
  for (let i = 0; i < encoded.length; i++) {
    const scaled = values[i]! * scale;
    encoded[i] = scaled > limit ? limit : scaled < -limit ? -limit : scaled;
  }
  return new Uint8Array(encoded.buffer);
}

export function encodeF32(values: ArrayLike<number>): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

export const encodeValues = (
  codec: ValueCodec,
  values: ArrayLike<number>,
  settings: CodecSettings,
): Uint8Array => (codec === 'fp16' ? encodeFp16(values, settings) : encodeF32(values));

/**
 * @returns the values in float64, or null when one of them is not finite or not below the magnitude limit
 */
export function decodeValues(
  codec: ValueCodec,
  bytes: Uint8Array,
  settings: CodecSettings,
): Float64Array | null {
  const raw = codec === 'fp16' ? float16View(bytes) : float32View(bytes);
  const scale = codec === 'fp16' ? 2 ** -settings.fp16Shift : 1;
  const limit = magnitudeLimit(settings);
  const values = new Float64Array(raw.length);
  let fine = true;
  for (let i = 0; i < values.length; i++) {
    const value = raw[i]! * scale;
    // Written so that a NaN fails it.
    fine = fine && Math.abs(value) < limit;
    values[i] = value;
  }
  return fine ? values : null;
}

/** A result chunk (fp16) as float64. @throws {RangeError} when a value is not finite or too large. */
export function decodeResult(bytes: Uint8Array, settings: CodecSettings): Float64Array {
  const values = decodeValues('fp16', bytes, settings);
  if (!values) throw new RangeError('result is not finite or too large');
  return values;
}

/** Sum of squares in the order of the vector. */
export function sumOfSquares(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}

// Bytes from a socket may start at an odd offset, where a typed view cannot.
function float16View(bytes: Uint8Array): Float16Array {
  if (bytes.length % 2 !== 0) throw new RangeError('fp16 needs whole values');
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Float16Array(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.length / 2);
}

function float32View(bytes: Uint8Array): Float32Array {
  if (bytes.length % 4 !== 0) throw new RangeError('f32 needs whole values');
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Float32Array(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.length / 4);
}
