import * as v from 'valibot';
import { count } from '../../../../src-shared/contract/fields.ts';
import { ROW_GROUPS_MAX } from '../../../../src-shared/pages.ts';
import { CHUNK_MAX_BYTES, ROWS_MOST, TEXT_MAX_BYTES } from '../limits.ts';

export const codecNames = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'ZSTD', 'LZ4', 'LZ4_RAW'] as const;
export type CodecName = (typeof codecNames)[number];

/**
 * What a shard's footer says of the text column of each row group, and no more: rows, first byte and bytes of the column
 * chunk, bytes of it unpacked. 17 kB where the footer has 750.
 */
export const shardTableSchema = v.object({
  /** Rows may be null. */
  isOptional: v.boolean(),
  codec: v.picklist(codecNames),
  rowGroups: v.pipe(
    v.array(
      v.strictTuple([
        v.pipe(count, v.maxValue(ROWS_MOST)),
        count,
        v.pipe(count, v.maxValue(CHUNK_MAX_BYTES)),
        v.pipe(count, v.maxValue(TEXT_MAX_BYTES)),
      ]),
    ),
    v.maxLength(ROW_GROUPS_MAX),
  ),
});

export type ShardTable = v.InferOutput<typeof shardTableSchema>;

/** The text column of one row group, as it lies in its shard. */
export interface TextChunk {
  readonly codec: CodecName;
  readonly isOptional: boolean;
  readonly rows: number;
  readonly start: number;
  readonly bytes: number;
  readonly unpackedBytes: number;
}

export function chunkOf({ codec, isOptional, rowGroups }: ShardTable, rowGroup: number): TextChunk | null {
  const found = rowGroups[rowGroup];
  if (!found) return null;
  const [rows, start, bytes, unpackedBytes] = found;
  return { codec, isOptional, rows, start, bytes, unpackedBytes };
}
