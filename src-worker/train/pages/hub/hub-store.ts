import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../../../../src-node/durable-json.ts';
import { count } from '../../../../src-shared/contract/fields.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { hubManifest, type Shard } from '../../../../src-shared/text-manifest.ts';
import type { Told } from '../../state/disk.ts';
import { SHARDS_MOST } from '../limits.ts';
import type { ShardStore } from '../shard-tables.ts';
import type { HubDataset } from './addresses.ts';
import { HubFiles } from './hub-files.ts';
import { listShards } from './listing.ts';
import type { Origin } from './origin.ts';

const shardsSchema = v.object({
  shards: v.pipe(v.array(v.object({ path: v.string(), sizeBytes: count })), v.maxLength(SHARDS_MOST)),
});

export interface PinnedDataset extends HubDataset {
  readonly commit: string;
  /** Folder within the data set. */
  readonly folder: string;
  readonly manifestHash: string;
}

/**
 * A data set of the Hub at its commit. The list of its files is fetched once, held against the manifest, and kept.
 * @param keptIn belongs to the manifest
 */
export function hubStore(
  origin: Origin,
  dataset: PinnedDataset,
  { keptIn, told }: { readonly keptIn: string; readonly told: Told },
): ShardStore {
  const { id, commit, manifestHash } = dataset;
  const files = new HubFiles(origin, dataset, commit);
  const isTheOne = (shards: readonly Shard[]) => hubManifest({ id, commit, shards }) === manifestHash;
  /** Asked for once, whoever else asks meanwhile; one that failed is asked for anew. */
  let listing: Promise<readonly Shard[]> | null = null;

  async function list(signal: AbortSignal): Promise<readonly Shard[]> {
    await mkdir(keptIn, { recursive: true }).catch(() => {});
    const file = durableJson({
      path: join(keptIn, 'shards.json'),
      schema: shardsSchema,
      told: (error) => told.notice(error),
    });
    const kept = (await file.read())?.shards;
    if (kept && isTheOne(kept)) return kept;
    const shards = await listShards(origin, dataset, dataset, signal);
    if (!isTheOne(shards)) {
      const found = hubManifest({ id, commit, shards });
      throw new AppError('TEXT_MANIFEST_DIFFERS', { what: id, found, expected: manifestHash });
    }
    await file.write({ shards: [...shards] }).catch(() => {});
    return shards;
  }

  return {
    name: id,
    shards(signal) {
      listing ??= list(signal).catch((thrown: unknown) => {
        listing = null;
        throw thrown;
      });
      return listing;
    },
    read: (shard, start, end, signal) => files.read(shard, start, end, signal),
  };
}
