/** Kinds of numbers that weights are read from. */
export type FloatDtype = 'F32' | 'F16' | 'BF16';

export const isFloatDtype = (dtype: string): dtype is FloatDtype =>
  dtype === 'F32' || dtype === 'F16' || dtype === 'BF16';

export const floatBytes = (dtype: FloatDtype): number => (dtype === 'F32' ? 4 : 2);

/** Little-endian numbers as float32, exactly: bfloat16 is its upper half. `bytes` begin at a multiple of 4. */
export function decodeFloats(dtype: FloatDtype, bytes: Uint8Array): Float32Array {
  const { buffer, byteOffset, length } = bytes;
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer, byteOffset, length / 4);
    case 'F16':
      return Float32Array.from(new Float16Array(buffer, byteOffset, length / 2));
    case 'BF16': {
      const halves = new Uint16Array(buffer, byteOffset, length / 2);
      const words = new Uint32Array(halves.length);
      for (let i = 0; i < halves.length; i++) words[i] = halves[i]! << 16;
      return new Float32Array(words.buffer);
    }
  }
}
