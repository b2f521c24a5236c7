import type { CodecId } from '../../../src-shared/codec/table.ts';

const head = (bytes: Uint8Array, ...first: number[]): Uint8Array => {
  bytes.set(first);
  return bytes;
};

/** Bytes of the right length that no sender writes, with the number of their values. */
export const refused: readonly (readonly [string, CodecId, Uint8Array, number])[] = [
  ['fp16 that is not a number', 'fp16', new Uint8Array(Float16Array.of(1, Number.NaN).buffer), 2],
  ['fp16 that is infinite', 'fp16', new Uint8Array(Float16Array.of(Number.POSITIVE_INFINITY).buffer), 1],
  ['fp16 at the limit', 'fp16', new Uint8Array(Float16Array.of(1024).buffer), 1],
  ['fp16 at the limit below 0', 'fp16', new Uint8Array(Float16Array.of(-1024).buffer), 1],
  [
    'fp16 that is infinite below 0',
    'fp16',
    new Uint8Array(Float16Array.of(Number.NEGATIVE_INFINITY).buffer),
    1,
  ],
  ['f32 at the limit', 'f32', new Uint8Array(Float32Array.of(4).buffer), 1],
  ['f32 at the limit below 0', 'f32', new Uint8Array(Float32Array.of(-4).buffer), 1],
  ['f32 that is not a number', 'f32', new Uint8Array(Float32Array.of(Number.NaN).buffer), 1],
  ['int8 with a scale above the limit', 'int8', Uint8Array.of(28, 1), 1],
  ['int8 with -128', 'int8', Uint8Array.of(0, 128), 1],
  ['int4 with a scale above the limit', 'int4', Uint8Array.of(30, 1), 1],
  ['int4 with minus nothing', 'int4', Uint8Array.of(0, 8), 1],
  ['int4 with bits behind the last value', 'int4', Uint8Array.of(0, 16), 1],
  ['sparse with a scale above the limit', 'sparse', Uint8Array.of(31, 0x11, 0, 0, 0), 64],
  ['sparse with its lower magnitude above the higher', 'sparse', Uint8Array.of(0, 0x12, 0, 0, 0), 64],
  ['sparse with a place outside of its block', 'sparse', Uint8Array.of(0, 0x11, 64, 0, 0), 64],
  ['sparse with bits behind the last place', 'sparse', Uint8Array.of(0, 0x11, 0, 16, 0), 64],
  ['sparse with bits behind the last code', 'sparse', Uint8Array.of(0, 0x11, 0, 0, 4), 64],
  ['sparse with a place twice', 'sparse', head(new Uint8Array(6), 0, 0x11, 5, 0x50, 0), 128],
  ['sparse with falling places', 'sparse', head(new Uint8Array(6), 0, 0x11, 6, 0x50, 0), 128],
];

const single = (...bytes: number[]) => Uint8Array.of(1, ...bytes);

/** The same of results in int8. */
export const refusedResults: readonly (readonly [string, Uint8Array, number])[] = [
  ['nothing at all', new Uint8Array(0), 4],
  ['a bit behind the last group', Uint8Array.of(2), 4],
  ['bytes of a group that is all 0', Uint8Array.of(0, 1), 4],
  ['a group of zeros that is written out', single(0, 0, 0, 0, 0), 4],
  ['a group of zeros by a bitmap that names none', single(64, 0), 4],
  ['a group without its scale', single(), 4],
  ['a scale above the limit', single(28, 1, 2, 3, 4), 4],
  ['fewer values than its block has', single(0, 1, 2, 3), 4],
  ['a byte too many', single(0, 1, 2, 3, 4, 0), 4],
  ['-128', single(0, 1, 2, 3, 128), 4],
  ['a block in the longer of two forms', single(0, 1, 0, 0, 0), 4],
  ['a bitmap where it is the longer form', single(64, 0b1111, 1, 2, 3, 4), 4],
  ['a bit behind the last value', single(64, 0b10001, 1, 1), 4],
  ['a bit behind the last value, which has none', single(64, 0b10001, 1), 4],
  ['a bitmap that names a 0', single(64, 1, 0), 4],
  ['a bitmap that names a 0 beside another value', single(64, 0b11, 1, 0), 4],
  ['a bitmap without its value', single(64, 1), 4],
  ['a bitmap cut off', single(64), 4],
  ['-128 by a bitmap', single(64, 1, 128), 4],
];
