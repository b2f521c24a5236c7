import { type CodecSettings, magnitudeLimit, type ResultCodec, type ValueCodec } from './value-codec.ts';

/** The largest fp16 number below a power of two: 11 significant bits, all set. */
const largestBelow = (powerOfTwo: number): number => Math.min(powerOfTwo * (1 - 2 ** -11), 65_504);

/** IEEE half of x * 2^fp16Shift, little endian: two bytes a value. */
export const fp16: ValueCodec = {
  wire: 1,
  bytes: (elements) => 2 * elements,
  encode(values, settings) {
    const scale = 2 ** settings.fp16Shift;
    const limit = largestBelow(magnitudeLimit(settings) * scale);
    const encoded = new Float16Array(values.length);
    for (let i = 0; i < encoded.length; i++) {
      const scaled = values[i]! * scale;
      encoded[i] = scaled > limit ? limit : scaled < -limit ? -limit : scaled;
    }
    return new Uint8Array(encoded.buffer);
  },
  decode,
};

/** The mean in fp16: sum over divisor in float64, then straight to half. By way of float32 some values would differ. */
export const fp16Result: ResultCodec = {
  wire: fp16.wire,
  maxBytes: fp16.bytes,
  encode(sum, divisor, { fp16Shift }) {
    const scale = 2 ** fp16Shift;
    const rounded = new Float16Array(sum.length);
    // A Float16Array rounds as Math.f16round does.
    for (let i = 0; i < rounded.length; i++) rounded[i] = (sum[i]! / divisor) * scale;
    return new Uint8Array(rounded.buffer);
  },
  decode,
};

function decode(bytes: Uint8Array, into: Float64Array, settings: CodecSettings): boolean {
  if (bytes.length !== 2 * into.length) return false;
  // Bytes from a socket may start where a typed view cannot.
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  const raw = new Float16Array(aligned.buffer as ArrayBuffer, aligned.byteOffset, into.length);
  const scale = 2 ** -settings.fp16Shift;
  const limit = magnitudeLimit(settings);
  let fine = true;
  for (let i = 0; i < into.length; i++) {
    const value = raw[i]! * scale;
    // Written so that a NaN fails it.
    fine = fine && Math.abs(value) < limit;
    into[i] = value;
  }
  return fine;
}
