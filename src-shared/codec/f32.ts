import { magnitudeLimit, type ValueCodec } from './value-codec.ts';

/** Plain float32, for tests: its sums are not exact. Little endian. */
export const f32: ValueCodec = {
  wire: 0,
  bytes: (elements) => 4 * elements,
  encode: (values) => new Uint8Array(values.slice().buffer),
  decode(bytes, into, settings) {
    if (bytes.length !== 4 * into.length) return false;
    const limit = magnitudeLimit(settings);
    // Bytes from a socket may start where a typed view cannot.
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    const raw = new Float32Array(aligned.buffer, aligned.byteOffset, into.length);
    into.set(raw);
    // Written so that a NaN fails it.
    return raw.every((value) => Math.abs(value) < limit);
  },
};
