import { type FileMetaData, parquetMetadata } from 'hyparquet';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { ROW_GROUPS_MAX } from '../../../../src-shared/pages.ts';
import {
  CHUNK_MAX_BYTES,
  FOOTER_MAX_BYTES,
  FOOTER_TAIL_BYTES,
  ROWS_MOST,
  TEXT_MAX_BYTES,
} from '../limits.ts';
import { type CodecName, codecNames, type ShardTable } from './shard-table.ts';

/** Bytes [start, end) of a shard, all of them or an error. */
export type ReadRange = (start: number, end: number) => Promise<Uint8Array>;

export interface FooterOf {
  /** The shard, for sentences. */
  readonly what: string;
  readonly sizeBytes: number;
  readonly column: string;
}

/** A length and "PAR1" at the very end, and "PAR1" at the beginning. */
const TRAILER_BYTES = 8;
const MAGIC = 0x31524150;

/**
 * Reads what a shard says of its text column: its tail, then what of the footer lies before that.
 * @throws {AppError} TEXT_MALFORMED, TEXT_TOO_LARGE, TEXT_COLUMN_MISSING; what `read` throws
 */
export async function readShardTable(of: FooterOf, read: ReadRange): Promise<ShardTable> {
  return shardTable(of, await readFooter(of, read));
}

async function readFooter({ what, sizeBytes }: FooterOf, read: ReadRange): Promise<Uint8Array> {
  if (sizeBytes < 4 + TRAILER_BYTES) throw malformed(what, 'it is too short for a Parquet file');
  const tailStart = Math.max(0, sizeBytes - FOOTER_TAIL_BYTES);
  const tail = await read(tailStart, sizeBytes);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  if (view.getUint32(tail.length - 4, true) !== MAGIC)
    throw malformed(what, 'it does not end as Parquet does');
  const footerBytes = view.getUint32(tail.length - TRAILER_BYTES, true);
  if (footerBytes > sizeBytes - 4 - TRAILER_BYTES)
    throw malformed(what, 'its footer is longer than the file');
  if (footerBytes > FOOTER_MAX_BYTES)
    throw new AppError('TEXT_TOO_LARGE', { what, reason: `a footer of ${footerBytes} bytes` });
  const start = sizeBytes - TRAILER_BYTES - footerBytes;
  if (start >= tailStart) return tail.subarray(start - tailStart);
  return Buffer.concat([await read(start, tailStart), tail]);
}

/** @param footer ends with the shard */
export function shardTable({ what, sizeBytes, column }: FooterOf, footer: Uint8Array): ShardTable {
  let metadata: FileMetaData;
  try {
    metadata = parquetMetadata(footer, { geoparquet: false, parsers: { stringFromBytes: () => '' } });
  } catch (error) {
    throw malformed(what, 'its footer makes no sense', error);
  }
  const field = textField(metadata, what, column);
  if (metadata.row_groups.length > ROW_GROUPS_MAX)
    throw new AppError('TEXT_TOO_LARGE', { what, reason: `${metadata.row_groups.length} row groups` });
  const dataEnd = sizeBytes - footer.length;
  const chunks = metadata.row_groups.map((group) => chunkIn(group, { what, column, dataEnd }));
  const codecs = new Set(chunks.map(({ codec }) => codec));
  if (codecs.size > 1) throw malformed(what, 'its row groups are packed in different ways');
  return {
    isOptional: field.repetition_type === 'OPTIONAL',
    codec: chunks[0]?.codec ?? 'UNCOMPRESSED',
    rowGroups: chunks.map(({ place }) => place),
  };
}

function textField({ schema }: FileMetaData, what: string, column: string) {
  // Elements lie depth first; those of the first level are reached by stepping over the children of each.
  let at = 1;
  for (let child = 0; child < (schema[0]?.num_children ?? 0) && at < schema.length; child += 1) {
    const element = schema[at]!;
    if (element.name === column && element.type === 'BYTE_ARRAY' && element.repetition_type !== 'REPEATED')
      return element;
    at = afterChildren(schema, at);
  }
  throw new AppError('TEXT_COLUMN_MISSING', { what, column });
}

function afterChildren(schema: FileMetaData['schema'], at: number): number {
  let open = 1;
  let next = at;
  while (open > 0 && next < schema.length) {
    open += (schema[next]!.num_children ?? 0) - 1;
    next += 1;
  }
  return next;
}

interface Chunk {
  readonly codec: CodecName;
  readonly place: ShardTable['rowGroups'][number];
}

function chunkIn(
  group: FileMetaData['row_groups'][number],
  { what, column, dataEnd }: { readonly what: string; readonly column: string; readonly dataEnd: number },
): Chunk {
  const found = group.columns.find(({ meta_data: data }) => data?.path_in_schema.join('.') === column);
  const data = found?.meta_data;
  if (!data || found.file_path) throw malformed(what, `a row group lacks the column ${column}`);
  const codec = codecNames.find((name) => name === data.codec);
  if (!codec) throw malformed(what, `it is packed by ${data.codec}, which nothing here unpacks`);
  const rows = Number(group.num_rows);
  // Some writers say 0 where there is no dictionary.
  const start = Number(data.dictionary_page_offset || data.data_page_offset);
  const bytes = Number(data.total_compressed_size);
  const unpackedBytes = Number(data.total_uncompressed_size);
  const figures = [rows, start, bytes, unpackedBytes];
  if (
    !figures.every((figure) => Number.isSafeInteger(figure) && figure >= 0) ||
    data.num_values !== group.num_rows
  )
    throw malformed(what, 'a row group has impossible figures');
  if (start < 4 || start + bytes > dataEnd) throw malformed(what, 'a row group lies outside of the file');
  if (rows > ROWS_MOST || bytes > CHUNK_MAX_BYTES || unpackedBytes > TEXT_MAX_BYTES)
    throw new AppError('TEXT_TOO_LARGE', {
      what,
      reason: `a row group of ${rows} rows and ${unpackedBytes} bytes`,
    });
  return { codec, place: [rows, start, bytes, unpackedBytes] };
}

const malformed = (what: string, reason: string, cause?: unknown): AppError =>
  new AppError('TEXT_MALFORMED', { what, reason }, cause);
