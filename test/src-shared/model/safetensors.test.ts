import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { gpt2Tensors } from '../../../src-shared/model/gpt2-names.ts';
import {
  encodeHeader,
  HEADER_BYTES_MAX,
  headerBytes,
  PREFIX_BYTES,
  parseHeader,
  type Tensor,
  tensorBytes,
} from '../../../src-shared/model/safetensors.ts';
import { runs } from '../../runs.ts';

const encoder = new TextEncoder();

/** A file's beginning with any header. */
function beginning(header: string): Uint8Array {
  const json = encoder.encode(header);
  const bytes = new Uint8Array(PREFIX_BYTES + json.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, PREFIX_BYTES);
  return bytes;
}

/** Reads it as the beginning of a file with so many bytes of tensors. */
function read(bytes: Uint8Array, dataBytes: number) {
  const fileBytes = bytes.length + dataBytes;
  const length = headerBytes(bytes.subarray(0, PREFIX_BYTES), fileBytes);
  return parseHeader(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + length), fileBytes);
}

const readHeader = (header: unknown, dataBytes: number) => read(beginning(JSON.stringify(header)), dataBytes);

const tensor = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe('a header', () => {
  const tensors = fc.uniqueArray(
    fc.record({
      name: fc.string({ minLength: 1, maxLength: 20 }).filter((name) => name !== '__metadata__'),
      dtype: fc.constantFrom<Tensor['dtype']>('F32', 'F16', 'BF16', 'I64'),
      shape: fc.array(fc.nat(5), { maxLength: 4 }),
    }),
    { selector: ({ name }) => name },
  );
  const metadata = fc.dictionary(
    fc.oneof(
      fc.string({ maxLength: 10 }).filter((key) => key !== '__proto__'),
      fc.constantFrom('prototype', 'constructor', 'toString'),
    ),
    fc.string({ maxLength: 10 }),
  );

  it('says again what was written, whatever the names', () => {
    fc.assert(
      fc.property(tensors, metadata, (wanted, said) => {
        const bytes = encodeHeader(wanted, said);
        const dataBytes = wanted.reduce((sum, one) => sum + tensorBytes(one), 0);
        const found = read(bytes, dataBytes);
        expect(bytes.length % 8).toBe(0);
        expect({ ...found.metadata }).toEqual({ ...said });
        const plain = ({ name, dtype, shape }: Tensor) => ({ name, dtype, shape: [...shape] });
        const byName = (a: Tensor, b: Tensor) => (a.name < b.name ? -1 : 1);
        expect(found.tensors.map(plain).sort(byName)).toEqual(wanted.map(plain).sort(byName));
      }),
    );
  });

  it('of any bytes is read or refused by name, never anything else', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 64 }),
        fc.json({ maxDepth: 3 }),
        fc.nat(200),
        (noise, json, size) => {
          for (const bytes of [noise, beginning(json)])
            try {
              read(bytes, size);
            } catch (thrown) {
              expect(thrown).toBeInstanceOf(AppError);
              expect((thrown as AppError).code).toBe('MODEL_FILE_MALFORMED');
            }
        },
      ),
    );
  });

  it('with one byte changed is read as the same tensors or refused by name', () => {
    const wanted: Tensor[] = [
      { name: 'a', dtype: 'F32', shape: [2, 3] },
      { name: 'b', dtype: 'F16', shape: [4] },
    ];
    const whole = encodeHeader(wanted);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const bytes = whole.slice();
        bytes[at] = byte;
        try {
          for (const { begin, end } of read(bytes, 32).tensors) {
            expect(begin).toBeGreaterThanOrEqual(PREFIX_BYTES);
            expect(end).toBeLessThanOrEqual(bytes.length + 32);
          }
        } catch (thrown) {
          expect((thrown as AppError).code).toBe('MODEL_FILE_MALFORMED');
        }
      }),
      { numRuns: runs(500) },
    );
  });
});

describe('a file is refused', () => {
  const refused = (act: () => unknown, reason: RegExp) => {
    let thrown: unknown;
    try {
      act();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'MODEL_FILE_MALFORMED' });
    expect((thrown as AppError).params.reason).toMatch(reason);
  };

  it('that ends before its header', () =>
    refused(() => headerBytes(new Uint8Array(5), 5), /before its header/));

  it('whose header is a bomb: no memory is taken for it', () => {
    const prefix = new Uint8Array(PREFIX_BYTES);
    new DataView(prefix.buffer).setBigUint64(0, BigInt(HEADER_BYTES_MAX + 1), true);
    refused(() => headerBytes(prefix, 2 ** 40), /said to have/);
    new DataView(prefix.buffer).setBigUint64(0, 2n ** 64n - 1n, true);
    refused(() => headerBytes(prefix, 2 ** 40), /said to have/);
  });

  it('that ends within its header', () =>
    refused(() => headerBytes(beginning('{}'), 9), /within its header/));

  it('whose header is no JSON', () => refused(() => read(beginning('{"a":'), 0), /no JSON/));
  it('whose header is no UTF-8', () =>
    refused(() => parseHeader(Uint8Array.of(0x7b, 0xff, 0x7d), 11), /no JSON/));
  it('whose header is a list', () => refused(() => readHeader([], 0), /no object/));

  it('that names a tensor twice', () => {
    const entry = JSON.stringify(tensor(0, 4));
    refused(() => read(beginning(`{"a":${entry},"a":${entry}}`), 4), /"a" twice/);
    // The same name in other letters.
    refused(() => read(beginning(`{"a":${entry},"\\u0061" :${entry}}`), 4), /"a" twice/);
  });
  it('that says a shape twice', () =>
    refused(
      () => read(beginning('{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}'), 4),
      /"shape" twice/,
    ));

  it('whose tensors overlap', () =>
    refused(() => readHeader({ a: tensor(0, 8), b: tensor(4, 12) }, 12), /overlaps/));
  it('with a hole between two tensors', () =>
    refused(() => readHeader({ a: tensor(0, 4), b: tensor(8, 12) }, 12), /hole of 4 bytes/));
  it('with a hole before the first', () => refused(() => readHeader({ a: tensor(4, 8) }, 8), /hole of 4/));
  it('with a tensor beyond its end', () =>
    refused(() => readHeader({ a: tensor(0, 400) }, 8), /beyond the end/));
  it('with bytes behind the last tensor', () =>
    refused(() => readHeader({ a: tensor(0, 4) }, 7), /3 bytes follow/));
  it('with an end before the begin', () =>
    refused(() => readHeader({ a: tensor(8, 4, [1]) }, 8), /another size/));
  it('with another size than its shape', () =>
    refused(() => readHeader({ a: tensor(0, 8, [3]) }, 8), /another size/));
  it('with a shape beyond all numbers', () =>
    refused(() => readHeader({ a: tensor(0, 8, [2 ** 52, 2 ** 52, 2 ** 52]) }, 8), /another size/));
  it('with a negative offset', () => refused(() => readHeader({ a: tensor(-4, 0, [1]) }, 0), /data_offsets/));
  it('with a size that is no whole number', () =>
    refused(() => readHeader({ a: tensor(0, 4, [1.5]) }, 4), /shape/));
  it('with a kind of number that nobody knows', () =>
    refused(() => readHeader({ a: tensor(0, 4, [1], 'F8_E99') }, 4), /dtype/));
  it('with words that no entry has', () =>
    refused(() => readHeader({ a: { ...tensor(0, 4), extra: 1 } }, 4), /not as it must be/));
  it('in a sentence of ours, however long its own words are', () => {
    const noise = '\u001b[2J\u009b\u202e'.repeat(10_000);
    for (const header of [{ [noise]: 1 }, { a: { ...tensor(0, 4), [noise]: 1 } }, { [noise]: tensor(4, 8) }])
      refused(() => readHeader(header, 8), /^[\x20-\x7e…]{1,700}$/);
  });
  it('whose metadata are no texts', () =>
    refused(() => readHeader({ __metadata__: { a: 1 } }, 0), /metadata/));
});

describe('a header is refused before it is parsed where it names more than a parser makes in a moment', () => {
  const many = (count: number, part: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => part(i)).join();
  it.each([
    ['tensors', `{${many(10_000, (i) => `"t${i}":${JSON.stringify(tensor(0, 0))}`)}}`],
    ['entries of nothing', `{${many(100_000, (i) => `"${i}":1`)}}`],
    ['sizes of a shape', `{"a":{"dtype":"F32","shape":[${many(100_000, () => '-1')}],"data_offsets":[0,4]}}`],
    ['lists in lists', `{"a":${'['.repeat(40_000)}${']'.repeat(40_000)}}`],
  ])('%s', (_name, header) => {
    expect(() => read(beginning(header), 4)).toThrow(
      expect.objectContaining({ params: { reason: expect.stringContaining('more than any model') } }),
    );
  });

  it('and is read where its metadata merely speak of as much', () => {
    const said = JSON.stringify(Array.from({ length: 100_000 }, () => [1]));
    expect(readHeader({ __metadata__: { said }, a: tensor(0, 4) }, 4).metadata.said).toBe(said);
  });

  it('but not one of the largest model that a profile may have', () => {
    const config = { layers: 128, width: 64, heads: 2, context: 8, vocab: 16 };
    const tensors = gpt2Tensors(config).map(({ name, shape }) => ({ name, shape, dtype: 'F32' as const }));
    const masks = Array.from({ length: 256 }, (_, i) => ({
      name: `mask.${i}`,
      shape: [1, 1, 8, 8],
      dtype: 'U8' as const,
    }));
    const all = [...tensors, ...masks];
    const header = encodeHeader(all);
    expect(
      read(
        header,
        all.reduce((sum, one) => sum + tensorBytes(one), 0),
      ).tensors,
    ).toHaveLength(all.length);
  });
});

it('the longest header is looked through for keys named twice without running out of stack', () => {
  const name = 'x'.repeat(250_000);
  const escapes = '\\u0041'.repeat(75_000);
  const header = `{"${name}":${JSON.stringify(tensor(0, 4))},"__metadata__":{"${escapes}":"${escapes.slice(0, 300_000)}"}}`;
  expect(read(beginning(header), 4).tensors).toHaveLength(1);
});
