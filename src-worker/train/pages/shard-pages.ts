import { AppError } from '../../../src-shared/errors/app-error.ts';
import { type DrawPair, drawnPage, drawnShard, rowGroupOf, shardOf } from '../../../src-shared/pages.ts';
import { type PackingRule, PagePacker } from './page-packer.ts';
import type { Page, PageSource } from './page-source.ts';
import { readRows } from './parquet/row-group.ts';
import { chunkOf } from './parquet/shard-table.ts';
import type { ShardStore, ShardTables } from './shard-tables.ts';

export interface ShardPagesOptions extends PackingRule {
  readonly manifestHash: string;
  readonly store: ShardStore;
  readonly tables: ShardTables;
}

/**
 * Pages of Parquet shards: a page is the text column of one row group, had in one request once the shard's footer is known.
 * Nothing is kept here but what footers say; see `KeptPages`.
 */
export function shardPages({ store, tables, manifestHash, ...rule }: ShardPagesOptions): PageSource {
  const shardAt = async (index: number, signal: AbortSignal) => {
    const shard = (await store.shards(signal))[index];
    if (!shard) throw new RangeError(`no shard ${index}`);
    return shard;
  };
  return {
    manifestHash,
    async draw(pair: DrawPair, signal) {
      const index = drawnShard(pair, (await store.shards(signal)).length);
      const table = await tables.of(index, await shardAt(index, signal), signal);
      return drawnPage(pair, index, table.rowGroups.length);
    },
    async loadPage(page: number, signal): Promise<Page> {
      const index = shardOf(page);
      const shard = await shardAt(index, signal);
      const packer = new PagePacker(rule);
      const chunk = chunkOf(await tables.of(index, shard, signal), rowGroupOf(page));
      if (chunk && chunk.bytes > 0) {
        const bytes = await store.read(shard, chunk.start, chunk.start + chunk.bytes, signal);
        for (const row of readRows(`${store.name}/${shard.path}`, chunk, bytes)) packer.add(row);
      } else if (chunk && chunk.rows > 0)
        throw new AppError('TEXT_MALFORMED', {
          what: `${store.name}/${shard.path}`,
          reason: 'a row group has rows and no bytes',
        });
      return packer.page(page);
    },
  };
}
