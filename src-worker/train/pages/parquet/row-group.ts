import { crc32 } from 'node:zlib';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage, readDataPage, readDataPageV2 } from 'hyparquet/src/datapage.js';
import { readPlain } from 'hyparquet/src/plain.js';
import type { ColumnDecoder, DataReader, PageHeader, SchemaElement } from 'hyparquet/src/types.js';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { codecs } from './codecs.ts';
import type { TextChunk } from './shard-table.ts';

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

class Fault extends Error {}

function* rowsOf(chunk: TextChunk, bytes: Uint8Array): Generator<Uint8Array | null> {
  const decoder = decoderOf(chunk);
  const reader: DataReader = {
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    offset: 0,
  };
  let rowsLeft = chunk.rows;
  let unpackedLeft = chunk.unpackedBytes;
  let dictionary: readonly unknown[] | null = null;
  while (rowsLeft > 0) {
    if (reader.offset >= bytes.length) throw new Fault('it ends before its last row');
    const header = parquetHeader(reader);
    const page = takePage(reader, bytes, header);
    unpackedLeft -= header.uncompressed_page_size;
    if (header.uncompressed_page_size < 0 || unpackedLeft < 0)
      throw new Fault('it is longer than its footer says');
    if (header.type === 'DICTIONARY_PAGE') {
      if (dictionary) throw new Fault('it has two dictionaries');
      dictionary = readDictionary(page, header, decoder);
    } else if (header.type === 'DATA_PAGE' || header.type === 'DATA_PAGE_V2') {
      const values = countOf(header);
      if (values > rowsLeft) throw new Fault('it has more rows than its footer says');
      yield* rowsOfPage({ page, header, values, dictionary }, decoder);
      rowsLeft -= values;
    } else if (header.type !== 'INDEX_PAGE') throw new Fault('it has a page of no known kind');
  }
}

/** A column of the first level: no lists, and nulls where it is optional. */
function decoderOf({ codec, isOptional }: TextChunk): ColumnDecoder {
  const root: SchemaElement = { name: 'schema', num_children: 1 };
  const element: SchemaElement = {
    name: 'text',
    type: 'BYTE_ARRAY',
    repetition_type: isOptional ? 'OPTIONAL' : 'REQUIRED',
  };
  return {
    ...{ pathInSchema: ['text'], type: 'BYTE_ARRAY', element, codec, compressors: codecs, utf8: false },
    schemaPath: [
      { element: root, path: [], count: 2, children: [] },
      { element, path: ['text'], count: 1, children: [] },
    ],
    parsers: noParsers,
  };
}

/** No value is converted: rows are bytes until they are tokenised. */
const noParsers = {} as ColumnDecoder['parsers'];

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

function readDictionary(page: Uint8Array, header: PageHeader, decoder: ColumnDecoder): readonly unknown[] {
  const entries = header.dictionary_page_header?.num_values ?? -1;
  // Each takes its length at least.
  if (!(entries >= 0 && 4 * entries <= header.uncompressed_page_size))
    throw new Fault('its dictionary has impossible figures');
  const unpacked = decompressPage(page, header.uncompressed_page_size, decoder.codec, decoder.compressors);
  const reader = { view: new DataView(unpacked.buffer, unpacked.byteOffset, unpacked.byteLength), offset: 0 };
  const read = readPlain(reader, 'BYTE_ARRAY', entries, undefined);
  if (reader.offset > unpacked.length) throw new Fault('its dictionary is cut off');
  return read as readonly unknown[];
}

function countOf(header: PageHeader): number {
  const values = (header.data_page_header ?? header.data_page_header_v2)?.num_values ?? -1;
  const nulls = header.data_page_header_v2?.num_nulls ?? 0;
  if (!(values >= 0 && nulls >= 0 && nulls <= values)) throw new Fault('a page has impossible figures');
  return values;
}

function* rowsOfPage(
  {
    page,
    header,
    values,
    dictionary,
  }: {
    readonly page: Uint8Array;
    readonly header: PageHeader;
    readonly values: number;
    readonly dictionary: readonly unknown[] | null;
  },
  decoder: ColumnDecoder,
): Generator<Uint8Array | null> {
  const { definitionLevels, dataPage, encoding } = unpack(page, header, decoder);
  const isByNumber = encoding.endsWith('_DICTIONARY');
  if (isByNumber && !dictionary) throw new Fault('it lacks its dictionary');
  const levels = definitionLevels?.length ? definitionLevels : null;
  if (levels && levels.length !== values) throw new Fault('a page tells of other rows than it has');
  let taken = 0;
  for (let row = 0; row < values; row += 1) {
    const level = levels ? levels[row] : 1;
    if (level === 0) {
      yield null;
      continue;
    }
    const value = dataPage[taken++];
    const text = isByNumber ? dictionary![value as number] : value;
    if (level !== 1 || !(text instanceof Uint8Array)) throw new Fault('a row is missing');
    yield text;
  }
  if (taken !== dataPage.length) throw new Fault('a page has values of no row');
}

function unpack(page: Uint8Array, header: PageHeader, decoder: ColumnDecoder) {
  if (header.data_page_header) {
    const { uncompressed_page_size: bytes, data_page_header: of } = header;
    const unpacked = decompressPage(page, bytes, decoder.codec, decoder.compressors);
    return { ...readDataPage(unpacked, of, decoder), encoding: of.encoding };
  }
  const of = header.data_page_header_v2!;
  return { ...readDataPageV2(page, header, decoder), encoding: of.encoding };
}
