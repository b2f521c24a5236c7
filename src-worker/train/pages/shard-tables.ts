import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type DurableJson, durableJson } from '../../../src-node/durable-json.ts';
import type { Shard } from '../../../src-shared/text-manifest.ts';
import type { Told } from '../state/disk.ts';
import { TABLES_IN_MEMORY } from './limits.ts';
import { readShardTable } from './parquet/footer.ts';
import { type ShardTable, shardTableSchema } from './parquet/shard-table.ts';

/** Where the shards lie: on the Hub, or in a folder. */
export interface ShardStore {
  /** For sentences. */
  readonly name: string;
  /** In the order of the manifest. @throws {AppError} as `read`, TEXT_MANIFEST_DIFFERS */
  shards(signal: AbortSignal): Promise<readonly Shard[]>;
  /** Bytes [start, end), all of them. @throws {AppError} what keeps them from being had; the signal's reason */
  read(shard: Shard, start: number, end: number, signal: AbortSignal): Promise<Uint8Array>;
}

export interface ShardTablesOptions {
  readonly store: ShardStore;
  readonly column: string;
  /** Belongs to the manifest and the column: what is in it is true for ever. */
  readonly folder: string;
  readonly told: Told;
}

/** What footers say, each fetched once and then kept on the disk. */
export class ShardTables {
  readonly #options: ShardTablesOptions;
  /** In the order of use, the latest last. */
  readonly #held = new Map<number, ShardTable>();
  /** On their way, whoever else asks meanwhile. */
  readonly #coming = new Map<number, Promise<ShardTable>>();

  constructor(options: ShardTablesOptions) {
    this.#options = options;
  }

  /** @throws {AppError} as `ShardStore.read` and `readShardTable` */
  async of(index: number, shard: Shard, signal: AbortSignal): Promise<ShardTable> {
    const held = this.#held.get(index);
    if (held) {
      this.#hold(index, held);
      return held;
    }
    const coming = this.#coming.get(index) ?? this.#get(index, shard, signal);
    this.#coming.set(index, coming);
    try {
      return await coming;
    } finally {
      this.#coming.delete(index);
    }
  }

  async #get(index: number, shard: Shard, signal: AbortSignal): Promise<ShardTable> {
    const file = await this.#file(index);
    const kept = await file.read();
    const table = kept ?? (await this.#fetch(shard, signal));
    // A full disk costs a footer the next time, and nothing else.
    if (!kept) await file.write(table).catch(() => {});
    this.#hold(index, table);
    return table;
  }

  #fetch(shard: Shard, signal: AbortSignal): Promise<ShardTable> {
    const { store, column } = this.#options;
    const what = `${store.name}/${shard.path}`;
    return readShardTable({ what, sizeBytes: shard.sizeBytes, column }, (start, end) =>
      store.read(shard, start, end, signal),
    );
  }

  #hold(index: number, table: ShardTable): void {
    this.#held.delete(index);
    this.#held.set(index, table);
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= TABLES_IN_MEMORY) break;
      this.#held.delete(oldest);
    }
  }

  async #file(index: number): Promise<DurableJson<ShardTable>> {
    const { folder, told } = this.#options;
    await mkdir(folder, { recursive: true }).catch(() => {});
    return durableJson({
      path: join(folder, `${index}.json`),
      schema: shardTableSchema,
      told: (error) => told.notice(error),
    });
  }
}
