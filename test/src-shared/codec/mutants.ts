import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CodecId } from '../../../src-shared/codec/table.ts';

const FOLDER = new URL('../../../src-shared/codec/', import.meta.url);

/** A decoder of which one guard was changed. */
export interface Mutant {
  /** What it does that it may not. */
  readonly does: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Loads a codec's source with that change made.
 * @throws where the source does not have that text once: then the change says nothing any more
 */
export async function loadMutant({
  does,
  file,
  from,
  to,
}: Mutant): Promise<Readonly<Record<string, unknown>>> {
  const source = readFileSync(new URL(file, FOLDER), 'utf8');
  if (source.split(from).length !== 2) throw new Error(`${file} does not have once: ${from}`);
  const text = source
    .replace(from, () => to)
    .replaceAll(/from '(\.[^']+)'/g, (_whole, path: string) => `from '${new URL(path, FOLDER)}'`);
  const folder = mkdtempSync(join(tmpdir(), 'mutant-'));
  try {
    const path = join(folder, `${does.replaceAll(/\W+/g, '-')}.ts`);
    writeFileSync(path, text);
    return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Record<string, unknown>;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const fp16 = (does: string, from: string, to: string): Mutant => ({ does, file: 'fp16.ts', from, to });
const f32 = (does: string, from: string, to: string): Mutant => ({ does, file: 'f32.ts', from, to });
const int8 = (does: string, from: string, to: string): Mutant => ({ does, file: 'int8.ts', from, to });
const int4 = (does: string, from: string, to: string): Mutant => ({ does, file: 'int4.ts', from, to });
const sparse = (does: string, from: string, to: string): Mutant => ({ does, file: 'sparse.ts', from, to });
const int8Result = (does: string, from: string, to: string): Mutant => ({
  ...{ does, file: 'int8-result.ts', from, to },
});

/**
 * Some guards of results in int8 are not among them: a group, a scale, a value or a bitmap behind the end is refused at the
 * end once more, where all bytes must have been read, so no bytes tell a decoder without them from one with them.
 */
export const mutants: Readonly<Record<CodecId | 'int8Result', readonly Mutant[]>> = {
  fp16: [
    fp16('passes over the length', 'if (bytes.length !== 2 * into.length) return false;', ''),
    fp16('takes the limit itself', 'Math.abs(value) < limit;', 'Math.abs(value) <= limit;'),
    fp16('takes what is not finite', 'Math.abs(value) < limit;', '!(Math.abs(value) >= limit);'),
    fp16(
      'takes infinity',
      'Math.abs(value) < limit;',
      '(Math.abs(value) < limit || Math.abs(value) === Number.POSITIVE_INFINITY);',
    ),
    fp16('takes what is too low', 'Math.abs(value) < limit;', 'value < limit;'),
    fp16('looks at the last value alone', 'fine = fine && Math.abs', 'fine = Math.abs'),
    fp16('reads from even places alone', 'bytes.byteOffset % 2 === 0 ? bytes : bytes.slice()', 'bytes'),
    fp16('reads from the beginning of the buffer', 'aligned.byteOffset, into.length', '0, into.length'),
  ],
  f32: [
    f32('passes over the length', 'if (bytes.length !== 4 * into.length) return false;', ''),
    f32('takes the limit itself', 'Math.abs(value) < limit', 'Math.abs(value) <= limit'),
    f32('takes what is not finite', 'Math.abs(value) < limit', '!(Math.abs(value) >= limit)'),
    f32('takes what is too low', 'Math.abs(value) < limit', 'value < limit'),
    f32('reads from every fourth place alone', 'bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()', 'bytes'),
  ],
  int8: [
    int8('passes over the length', 'if (bytes.length !== blocks + into.length) return false;', ''),
    int8('passes over what is too long', 'bytes.length !== blocks', 'bytes.length < blocks'),
    int8('takes any scale', 'if (scale > INT8_LARGEST_SCALE) return false;', ''),
    int8('takes the scale above the largest', 'scale > INT8_LARGEST_SCALE', 'scale > INT8_LARGEST_SCALE + 1'),
    int8('refuses the largest scale', 'scale > INT8_LARGEST_SCALE', 'scale >= INT8_LARGEST_SCALE'),
    int8('takes -128', 'return least >= -INT8_MOST;', 'return true;'),
    int8('refuses -127', 'return least >= -INT8_MOST;', 'return least > -INT8_MOST;'),
    int8('reads from the beginning of the buffer', 'bytes.byteOffset + blocks, into', 'blocks, into'),
  ],
  int4: [
    int4(
      'passes over the length',
      'if (bytes.length !== blocks + Math.ceil(into.length / 2)) return false;',
      '',
    ),
    int4(
      'passes over what is too long',
      'bytes.length !== blocks + Math.ceil(into.length / 2)',
      'bytes.length < blocks + Math.ceil(into.length / 2)',
    ),
    int4('takes bits behind the last value', 'bytes[bytes.length - 1]! > 15', 'false'),
    int4('takes any scale', 'if (scale > LARGEST_SCALE) return false;', ''),
    int4('takes the scale above the largest', 'scale > LARGEST_SCALE', 'scale > LARGEST_SCALE + 1'),
    int4('refuses the largest scale', 'scale > LARGEST_SCALE', 'scale >= LARGEST_SCALE'),
    int4('takes minus nothing', 'return !Number.isNaN(sum);', 'return true;'),
    int4('has minus nothing for nothing', 'code === NEGATIVE ? Number.NaN :', ''),
  ],
  sparse: [
    sparse('passes over the length', 'if (bytes.length !== sparse.bytes(into.length)) return false;', ''),
    sparse(
      'passes over what is too long',
      'bytes.length !== sparse.bytes(into.length)',
      'bytes.length < sparse.bytes(into.length)',
    ),
    sparse('lets shine through what stood there', 'into.fill(0);', ''),
    sparse(
      'goes on behind a block that is none',
      'if (!decodeBlock(bytes.subarray(at, at + size), block, settings)) return false;',
      'decodeBlock(bytes.subarray(at, at + size), block, settings);',
    ),
    sparse('takes any scale', 'scale > LARGEST_SCALE || low', 'low'),
    sparse('takes the scale above the largest', 'scale > LARGEST_SCALE ||', 'scale > LARGEST_SCALE + 1 ||'),
    sparse('refuses the largest scale', 'scale > LARGEST_SCALE ||', 'scale >= LARGEST_SCALE ||'),
    sparse('takes magnitudes that fall', ' || low > high', ''),
    sparse('takes bits behind the last one', 'if (!isPadded(bytes, kept, codesAt)) return false;', ''),
    sparse('takes bits behind the last place', 'return placesFine && (', 'return ('),
    sparse(
      'takes bits behind the last code',
      'return placesFine && (codesInLast',
      'return placesFine; (codesInLast',
    ),
    sparse('takes a place twice', 'place <= before', 'place < before'),
    sparse('takes falling places', 'place <= before || ', ''),
    sparse('takes a place outside of its block', ' || place >= into.length', ''),
    sparse('takes the place behind the last one', 'place >= into.length', 'place > into.length'),
  ],
  int8Result: [
    int8Result('takes bits behind the last group', ' || hasBitsBehind(bytes.subarray(0, at), groups)', ''),
    int8Result('lets shine through what stood there', 'into.fill(0);', ''),
    int8Result('takes bytes behind the last one', 'return at === bytes.length;', 'return true;'),
    int8Result('takes a group of zeros', 'return isZero ? null : next;', 'return next;'),
    int8Result('takes any scale', 'if (!(scale <= INT8_LARGEST_SCALE)) return null;', ''),
    int8Result(
      'takes the scale above the largest',
      'scale <= INT8_LARGEST_SCALE)',
      'scale <= INT8_LARGEST_SCALE + 1)',
    ),
    int8Result('refuses the largest scale', 'scale <= INT8_LARGEST_SCALE)', 'scale < INT8_LARGEST_SCALE)'),
    int8Result('takes -128', 'if (integer < -INT8_MOST) return null;', ''),
    int8Result(
      'takes the longer of two forms',
      'return isMostlyZero(into.length, others) ? null : at + into.length;',
      'return at + into.length;',
    ),
    int8Result(
      'takes bits behind the last value',
      ' || hasBitsBehind(bytes.subarray(at, next), into.length)',
      '',
    ),
    int8Result('takes a bitmap that names a 0', 'integer === 0 || ', ''),
    int8Result(
      'takes -128 by a bitmap',
      ' || integer < -INT8_MOST) return null;\n    others',
      ') return null;\n    others',
    ),
    int8Result(
      'takes a bitmap where it is the longer form',
      'next <= bytes.length && isMostlyZero(into.length, others)',
      'next <= bytes.length',
    ),
  ],
};
