import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { ROOT } from '../../tools/build/stamp.ts';

const FOLDER = join(ROOT, 'node_modules', '@stdlib', 'datasets-sotu', 'data');

/** Two hundred years of addresses in English, 10.8 MB. */
export const addresses = (): string[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.txt'))
    .map((name) => readFileSync(join(FOLDER, name), 'utf8'));

/** Documents as long as those of the web, cut anew for each number. */
export function documents(count: number, number: number, texts: readonly string[]): string[] {
  return Array.from({ length: count }, (_, i) => {
    const text = texts[(number * 131 + i * 17) % texts.length]!;
    const units = 1_000 + ((number * 7_919 + i * 104_729) % 5_200);
    const at = (number * 15_485_863 + i * 32_452_843) % Math.max(1, text.length - units);
    return text.slice(at, at + units);
  });
}

export interface ShardShape {
  readonly shards: number;
  readonly rowGroups: number;
  /** Documents of one row group. */
  readonly rows: number;
}

/** Shards with the columns of a data set of the web, by their paths. */
export function shardFiles({ shards, rowGroups, rows }: ShardShape): Record<string, Uint8Array> {
  const texts = addresses();
  return Object.fromEntries(
    Array.from({ length: shards }, (_, shard) => {
      const data = Array.from({ length: rowGroups }, (_g, group) =>
        documents(rows, shard * rowGroups + group, texts),
      ).flat();
      const columnData = [
        { name: 'text', type: 'STRING' as const, data },
        { name: 'id', type: 'STRING' as const, data: data.map((_d, i) => `<urn:uuid:${shard}-${i}>`) },
        {
          name: 'url',
          type: 'STRING' as const,
          data: data.map((_d, i) => `https://example.org/${shard}/${i}`),
        },
        { name: 'token_count', type: 'INT32' as const, data: data.map(({ length }) => length >> 2) },
      ];
      const bytes = new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: rows }));
      return [`sample/${String(shard).padStart(3, '0')}.parquet`, bytes];
    }),
  );
}
