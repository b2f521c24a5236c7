import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { Compressors } from 'hyparquet';
import { compressors as packed } from 'hyparquet-compressors';

type Unpack = (input: Uint8Array, unpackedBytes: number) => Uint8Array;

/**
 * Unpacks a page into exactly the bytes that its header names, which were weighed before. Node's own are told the most that
 * may come of them: a page of a few bytes can unpack to gigabytes.
 */
export const codecs: Compressors = {
  SNAPPY: (input, bytes) => {
    if (snappyLength(input) !== bytes) throw new Error('its length is another one');
    return packed.SNAPPY!(input, bytes);
  },
  GZIP: native(gunzipSync),
  BROTLI: native(brotliDecompressSync),
  ZSTD: native(zstdDecompressSync),
  LZ4: packed.LZ4!,
  LZ4_RAW: packed.LZ4_RAW!,
};

function native(unpack: (input: Uint8Array, options: { maxOutputLength: number }) => Uint8Array): Unpack {
  return (input, bytes) => (bytes === 0 ? new Uint8Array(0) : unpack(input, { maxOutputLength: bytes }));
}

/** Snappy begins with its unpacked length, 7 bits a byte, lowest first; null where that ends nowhere. */
function snappyLength(input: Uint8Array): number | null {
  let length = 0;
  for (let at = 0; at < Math.min(5, input.length); at += 1) {
    length += (input[at]! & 0x7f) * 2 ** (7 * at);
    if (input[at]! < 0x80) return length;
  }
  return null;
}
