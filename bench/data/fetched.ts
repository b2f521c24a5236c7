import { rowGroupOf, shardOf } from '../../src-shared/pages.ts';
import { readShardTable } from '../../src-worker/train/pages/parquet/footer.ts';
import { chunkOf } from '../../src-worker/train/pages/parquet/shard-table.ts';
import { startDatasetHub } from '../../test/fakes/hub/data-sets.ts';
import { figure } from '../report/figures.ts';
import { withText } from './rig.ts';
import { shardFiles } from './words.ts';

const SHAPE = { shards: 4, rowGroups: 40, rows: 300 };
const PAGES = 150;

/** Bytes that the storage sent, footers and all, over those of the text columns that were trained on. */
export async function fetchedPerNeededByte() {
  const files = shardFiles(SHAPE);
  const hub = await startDatasetHub({ files });
  try {
    return await withText(hub, { quotaBytes: 1e9 }, async (rig) => {
      const used = new Set<number>();
      for (let k = 0; k < PAGES; k += 1) used.add((await rig.page(k)).index);
      const neededBytes = await bytesOf(used, hub.shards(), files);
      return figure('fetched-per-needed-byte', hub.bytesSent / neededBytes, 'x', {
        ...{ floor: 1.1, goal: 1.02 },
        seen: `${used.size} pages of ${(neededBytes / used.size / 1e6).toFixed(2)} MB from ${SHAPE.shards} shards, ${hub.requests.length} requests`,
      });
    });
  } finally {
    await hub.close();
  }
}

async function bytesOf(
  pages: ReadonlySet<number>,
  shards: readonly { readonly path: string }[],
  files: Readonly<Record<string, Uint8Array>>,
): Promise<number> {
  const tables = await Promise.all(
    shards.map(({ path }) => {
      const bytes = files[path]!;
      const of = { what: path, sizeBytes: bytes.length, column: 'text' };
      return readShardTable(of, async (start, end) => bytes.subarray(start, end));
    }),
  );
  return [...pages].reduce(
    (sum, page) => sum + (chunkOf(tables[shardOf(page)]!, rowGroupOf(page))?.bytes ?? 0),
    0,
  );
}
