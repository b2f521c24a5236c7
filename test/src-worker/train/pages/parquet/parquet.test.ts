import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../../src-shared/errors/app-error.ts';
import { ROWS_MOST } from '../../../../../src-worker/train/pages/limits.ts';
import { readShardTable, shardTable } from '../../../../../src-worker/train/pages/parquet/footer.ts';
import { readRows } from '../../../../../src-worker/train/pages/parquet/row-group.ts';
import { chunkOf, type ShardTable } from '../../../../../src-worker/train/pages/parquet/shard-table.ts';
import { runs } from '../../../../runs.ts';
import { fixture, inMemory, written } from './fixtures.ts';

const RUNS = runs(400, 20_000);
const of = (bytes: Uint8Array, column = 'text') => ({ what: 'a shard', sizeBytes: bytes.length, column });
const tableOf = (bytes: Uint8Array, column?: string) => readShardTable(of(bytes, column), inMemory(bytes));

function rowsIn(bytes: Uint8Array, table: ShardTable, rowGroup: number): (string | null)[] {
  const chunk = chunkOf(table, rowGroup)!;
  const part = bytes.subarray(chunk.start, chunk.start + chunk.bytes);
  return Array.from(
    readRows('a shard', chunk, part),
    (row) => row && new TextDecoder('utf-8', { ignoreBOM: true }).decode(row),
  );
}

const allRows = (bytes: Uint8Array, table: ShardTable) =>
  table.rowGroups.flatMap((_, rowGroup) => rowsIn(bytes, table, rowGroup));

describe('Parquet by another writer', () => {
  it.each(written.variants)('%s has all its rows, in order', async (name) => {
    const bytes = fixture(name);
    const table = await tableOf(bytes);
    expect(table.rowGroups.map(([rows]) => rows)).toEqual([25, 25, 10]);
    const rows = name.startsWith('required') ? written.rows.map((row) => row ?? '') : written.rows;
    expect(allRows(bytes, table)).toEqual(rows);
  });

  it('of nulls alone gives nulls', async () => {
    const bytes = fixture('all-null');
    expect(allRows(bytes, await tableOf(bytes))).toEqual(Array(40).fill(null));
  });

  it('without rows has no row groups, or empty ones', async () => {
    const bytes = fixture('no-rows');
    expect(allRows(bytes, await tableOf(bytes))).toEqual([]);
  });

  it.each([
    ['a column that is not there', 'snappy', 'words'],
    ['a column of another type', 'snappy', 'score'],
    ['a field within another', 'snappy', 'meta'],
    ['lists of texts', 'lists', 'text'],
  ])('has no text in %s', async (_what, name, column) => {
    await expect(tableOf(fixture(name), column)).rejects.toMatchObject({ code: 'TEXT_COLUMN_MISSING' });
  });
});

describe('a footer', () => {
  it('is read in two parts where its end does not hold it', async () => {
    const columnData = Array.from({ length: 40 }, (_, i) => ({
      ...{
        name: i === 0 ? 'text' : `column-${i}`,
        type: 'STRING' as const,
        data: Array(300).fill(`word ${i}`),
      },
    }));
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 4 }));
    const reads: [number, number][] = [];
    const table = await readShardTable(of(bytes), async (start, end) => {
      reads.push([start, end]);
      return bytes.slice(start, end);
    });
    expect(table.rowGroups).toHaveLength(75);
    expect(reads).toHaveLength(2);
    expect(reads[1]![1]).toBe(reads[0]![0]);
    expect(allRows(bytes, table)).toEqual(Array(300).fill('word 0'));
  });

  it.each<[string, (bytes: Uint8Array) => Uint8Array, string]>([
    ['a file of a few bytes', () => new Uint8Array(11), 'TEXT_MALFORMED'],
    ['another ending', (bytes) => withBytes(bytes, bytes.length - 4, [1, 2, 3, 4]), 'TEXT_MALFORMED'],
    ['a length beyond the file', (bytes) => withLength(bytes, bytes.length), 'TEXT_MALFORMED'],
    ['a length of gigabytes', (bytes) => withLength(bytes, 0xffffffff), 'TEXT_MALFORMED'],
    ['a length of nothing', (bytes) => withLength(bytes, 0), 'TEXT_MALFORMED'],
    ['a length that cuts it', (bytes) => withLength(bytes, 90), 'TEXT_MALFORMED'],
  ])('with %s is refused', async (_what, change, code) => {
    const bytes = change(fixture('snappy'));
    await expect(tableOf(bytes)).rejects.toMatchObject({ code });
  });

  it('longer than any is refused before it is read', async () => {
    const tail = withLength(fixture('snappy'), 80 * 2 ** 20);
    const reads: number[] = [];
    const reading = readShardTable({ ...of(tail), sizeBytes: 2 ** 32 }, async (start, end) => {
      reads.push(end - start);
      return tail;
    });
    await expect(reading).rejects.toMatchObject({ code: 'TEXT_TOO_LARGE' });
    expect(reads).toHaveLength(1);
  });

  it('of noise gives a coded error or a table within the file', () => {
    const good = fixture('dictionary');
    const length = new DataView(good.buffer, good.byteOffset).getUint32(good.length - 8, true);
    const footer = good.subarray(good.length - 8 - length);
    fc.assert(
      fc.property(flips(footer.length - 8), (changes) => {
        const bytes = new Uint8Array(footer);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          const table = shardTable(of(good), bytes);
          for (const [, start, size] of table.rowGroups) {
            expect(start).toBeGreaterThanOrEqual(4);
            expect(start + size).toBeLessThanOrEqual(good.length);
          }
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(AppError);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

describe('a row group', () => {
  it.each([
    'snappy',
    'zstd',
    'gzip',
    'brotli',
    'lz4',
    'none',
    'v2-snappy',
    'v2-dictionary',
    'dictionary',
    'delta-bytes',
    'delta-length',
    'checksums',
  ])('of %s with changed bytes gives as many whole rows or a coded error, never fewer', async (name) => {
    const good = fixture(name);
    const table = await tableOf(good);
    const chunk = chunkOf(table, 0)!;
    fc.assert(
      fc.property(flips(chunk.bytes), (changes) => {
        const bytes = good.slice(chunk.start, chunk.start + chunk.bytes);
        const part = new Uint8Array(bytes);
        for (const [at, value] of changes) part[at] = value;
        try {
          const rows = [...readRows('a shard', chunk, part)];
          expect(rows).toHaveLength(chunk.rows);
          expect(rows.every((row) => row === null || row instanceof Uint8Array)).toBe(true);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'TEXT_MALFORMED' });
        }
      }),
      { numRuns: Math.ceil(RUNS / 4) },
    );
  });

  it('that is cut anywhere is an error', async () => {
    const good = fixture('small-pages');
    const chunk = chunkOf(await tableOf(good), 0)!;
    for (let bytes = 0; bytes < chunk.bytes; bytes += 7) {
      const part = good.subarray(chunk.start, chunk.start + bytes);
      expect(() => [...readRows('a shard', chunk, part)]).toThrow(AppError);
    }
  });

  it('with one flipped bit under a checksum is an error', async () => {
    const good = fixture('checksums');
    const chunk = chunkOf(await tableOf(good), 1)!;
    const part = new Uint8Array(good.subarray(chunk.start, chunk.start + chunk.bytes));
    part[part.length - 20]! ^= 1;
    expect(() => [...readRows('a shard', chunk, part)]).toThrow(/checksum/);
  });

  it.each(['gzip', 'zstd', 'brotli', 'snappy', 'lz4'])(
    'of %s that unpacks to more than its footer says is an error',
    async (name) => {
      const good = fixture(name);
      const chunk = chunkOf(await tableOf(good), 0)!;
      const part = good.subarray(chunk.start, chunk.start + chunk.bytes);
      const bomb = { ...chunk, unpackedBytes: 200 };
      expect(() => [...readRows('a shard', bomb, part)]).toThrow(/longer than its footer/);
    },
  );

  it('of another number of rows than its footer says is an error', async () => {
    const good = fixture('snappy');
    const chunk = chunkOf(await tableOf(good), 0)!;
    const part = good.subarray(chunk.start, chunk.start + chunk.bytes);
    for (const rows of [24, 26])
      expect(() => [...readRows('a shard', { ...chunk, rows }, part)]).toThrow(AppError);
  });

  it('holds a text of 20 MB', async () => {
    const large = 'twenty megabytes of it. '.repeat(20e6 / 24);
    const columnData = [{ name: 'text', type: 'STRING' as const, data: ['before', large, null, 'after'] }];
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData }));
    expect(allRows(bytes, await tableOf(bytes))).toEqual(['before', large, null, 'after']);
  });
});

const flips = (length: number) =>
  fc.array(fc.tuple(fc.nat(length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });

function withBytes(bytes: Uint8Array, at: number, change: readonly number[]): Uint8Array {
  const changed = new Uint8Array(bytes);
  changed.set(change, at);
  return changed;
}

function withLength(bytes: Uint8Array, length: number): Uint8Array {
  const changed = new Uint8Array(bytes);
  new DataView(changed.buffer).setUint32(bytes.length - 8, length, true);
  return changed;
}

describe('a dictionary', () => {
  it('of more entries than a row group may have rows is refused before it takes their memory', () => {
    const entries = ROWS_MOST + 1;
    const packed = gzipSync(new Uint8Array(4 * entries));
    const header = [0x15, ...zigzag(2), 0x15, ...zigzag(4 * entries), 0x15, ...zigzag(packed.length)];
    const ofDictionary = [0x4c, 0x15, ...zigzag(entries), 0x15, ...zigzag(0), 0, 0];
    const bytes = Buffer.concat([Uint8Array.from([...header, ...ofDictionary]), packed]);
    const chunk = { codec: 'GZIP', isOptional: false, rows: 1, start: 4, bytes: bytes.length } as const;
    expect(() => [...readRows('a shard', { ...chunk, unpackedBytes: 2 ** 29 }, bytes)]).toThrow(
      expect.objectContaining({
        params: expect.objectContaining({ reason: expect.stringMatching(/dictionary/) }),
      }),
    );
  });
});

/** A number as Thrift's compact protocol writes it. */
function zigzag(value: number): number[] {
  const bytes: number[] = [];
  let left = 2 * value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return [...bytes, left];
}
