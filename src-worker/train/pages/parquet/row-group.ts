import { crc32 } from 'node:zlib';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import type { DataReader, PageHeader } from 'hyparquet/src/types.js';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { ROWS_MOST, TEXT_MAX_BYTES } from '../limits.ts';
import { codecs } from './codecs.ts';
import type { TextChunk } from './shard-table.ts';
import { Fault, readDeltaLengths, readDeltaTexts, readHybrid, readPlainTexts } from './values.ts';

/**
 * The rows of a text column chunk, in order: UTF-8 bytes, or null. Unpacks one data page at a time; every count and size
 * that a page claims is weighed against the footer before anything is allocated for it, and a chunk that gives another
 * number of rows than the footer is an error, as is everything else that is not whole: a row is never taken as empty
 * because it could not be read.
 * @throws {AppError} TEXT_MALFORMED, also after some rows
 */
export function* readRows(what: string, chunk: TextChunk, bytes: Uint8Array): Generator<Uint8Array | null> {
  try {
    yield* rowsOf(chunk, bytes);
  } catch (thrown) {
    // What a page's bytes make the decoders throw: ranges, types, errors of their own.
    if (thrown instanceof AppError) throw thrown;
    const reason = thrown instanceof Fault ? thrown.message : 'its pages make no sense';
    throw new AppError('TEXT_MALFORMED', { what, reason }, thrown);
  }
}

function* rowsOf(chunk: TextChunk, bytes: Uint8Array): Generator<Uint8Array | null> {
  const reader: DataReader = {
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    offset: 0,
  };
  let rowsLeft = chunk.rows;
  let unpackedLeft = chunk.unpackedBytes;
  let textLeft = TEXT_MAX_BYTES;
  let dictionary: readonly Uint8Array[] | null = null;
  while (rowsLeft > 0) {
    if (reader.offset >= bytes.length) throw new Fault('it ends before its last row');
    const header = parquetHeader(reader);
    const page = takePage(reader, bytes, header);
    unpackedLeft -= header.uncompressed_page_size;
    if (!(header.uncompressed_page_size >= 0 && unpackedLeft >= 0))
      throw new Fault('it is longer than its footer says');
    if (header.type === 'DICTIONARY_PAGE') {
      if (dictionary) throw new Fault('it has two dictionaries');
      dictionary = readDictionary(page, header, chunk);
    } else if (header.type === 'DATA_PAGE' || header.type === 'DATA_PAGE_V2') {
      const rows = countOf(header);
      if (rows > rowsLeft) throw new Fault('it has more rows than its footer says');
      for (const row of rowsOfPage(unpack(page, header, chunk), rows, dictionary)) {
        // A dictionary's one long text may stand in every row.
        textLeft -= row?.length ?? 0;
        if (textLeft < 0) throw new Fault('its texts are longer than a page may be');
        yield row;
      }
      rowsLeft -= rows;
    } else if (header.type !== 'INDEX_PAGE') throw new Fault('it has a page of no known kind');
  }
}

/** The page's own bytes in memory of their own, so that nothing reads on into the next one. */
function takePage(reader: DataReader, bytes: Uint8Array, header: PageHeader): Uint8Array {
  const size = header.compressed_page_size;
  if (!(size >= 0 && reader.offset + size <= bytes.length)) throw new Fault('a page is longer than the rest');
  const page = new Uint8Array(bytes.subarray(reader.offset, reader.offset + size));
  reader.offset += size;
  if (header.crc !== undefined && crc32(page) !== header.crc >>> 0)
    throw new Fault('the checksum of a page is another one');
  return page;
}

function readDictionary(page: Uint8Array, header: PageHeader, { codec }: TextChunk): readonly Uint8Array[] {
  const entries = header.dictionary_page_header?.num_values ?? -1;
  // Each takes its length at least.
  if (!(entries >= 0 && entries <= ROWS_MOST && 4 * entries <= header.uncompressed_page_size))
    throw new Fault('its dictionary has impossible figures');
  return readPlainTexts(decompressPage(page, header.uncompressed_page_size, codec, codecs), entries);
}

function countOf(header: PageHeader): number {
  const rows = (header.data_page_header ?? header.data_page_header_v2)?.num_values ?? -1;
  if (!(rows >= 0)) throw new Fault('a page has impossible figures');
  return rows;
}

interface Unpacked {
  /** 1 for a row that is there, 0 for null; null where all are there. */
  readonly levels: Uint8Array | null;
  readonly values: Uint8Array;
  readonly encoding: string;
}

function unpack(page: Uint8Array, header: PageHeader, chunk: TextChunk): Unpacked {
  return header.data_page_header ? unpackFirst(page, header, chunk) : unpackSecond(page, header, chunk);
}

/** Version 1: levels behind their length, and values, packed together. */
function unpackFirst(page: Uint8Array, header: PageHeader, { codec, isOptional }: TextChunk): Unpacked {
  const { encoding, definition_level_encoding: levelEncoding } = header.data_page_header!;
  const bytes = decompressPage(page, header.uncompressed_page_size, codec, codecs);
  if (!isOptional) return { levels: null, values: bytes, encoding };
  if (levelEncoding !== 'RLE') throw new Fault('its nulls are told in a way of old');
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  if (4 + length > bytes.length) throw new Fault('a page ends within its numbers');
  return { levels: bytes.subarray(4, 4 + length), values: bytes.subarray(4 + length), encoding };
}

/** Version 2: levels as they are, before values that alone are packed. */
function unpackSecond(page: Uint8Array, header: PageHeader, { codec, isOptional }: TextChunk): Unpacked {
  const of = header.data_page_header_v2!;
  const from = of.repetition_levels_byte_length;
  const to = from + of.definition_levels_byte_length;
  const unpackedBytes = header.uncompressed_page_size - to;
  if (!(from >= 0 && to >= from && to <= page.length && unpackedBytes >= 0))
    throw new Fault('a page has impossible figures');
  const packed = page.subarray(to);
  // Where there are no values there may be no bytes, which nothing can unpack.
  const isPacked = of.is_compressed !== false && unpackedBytes > 0;
  const values = isPacked ? decompressPage(packed, unpackedBytes, codec, codecs) : packed;
  return { levels: isOptional ? page.subarray(from, to) : null, values, encoding: of.encoding };
}

function* rowsOfPage(
  { levels, values, encoding }: Unpacked,
  rows: number,
  dictionary: readonly Uint8Array[] | null,
): Generator<Uint8Array | null> {
  const isThere = levels && readHybrid(levels, 1, rows);
  const count = isThere ? isThere.reduce((sum, level) => sum + level, 0) : rows;
  const texts = readTexts(values, { count, encoding, dictionary });
  let taken = 0;
  for (let row = 0; row < rows; row += 1) yield isThere?.[row] === 0 ? null : texts[taken++]!;
}

function readTexts(
  values: Uint8Array,
  of: {
    readonly count: number;
    readonly encoding: string;
    readonly dictionary: readonly Uint8Array[] | null;
  },
): readonly Uint8Array[] {
  const { count, encoding, dictionary } = of;
  if (count === 0) return [];
  switch (encoding) {
    case 'PLAIN':
      return readPlainTexts(values, count);
    case 'DELTA_LENGTH_BYTE_ARRAY':
      return readDeltaLengths(values, count);
    case 'DELTA_BYTE_ARRAY':
      return readDeltaTexts(values, count);
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      return Array.from(readHybrid(values.subarray(1), values[0] ?? 0, count), (entry) => {
        const text = dictionary?.[entry];
        if (!text) throw new Fault('a row is missing from its dictionary');
        return text;
      });
    default:
      throw new Fault(`its texts are written in a way that nothing here reads (${encoding})`);
  }
}
