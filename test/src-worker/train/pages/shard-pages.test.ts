import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'gpt-tokenizer/encoding/r50k_base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drawnPage, drawnShard, drawPair, pageOf } from '../../../../src-shared/pages.ts';
import { hubManifest } from '../../../../src-shared/text-manifest.ts';
import { hubStore } from '../../../../src-worker/train/pages/hub/hub-store.ts';
import { Origin } from '../../../../src-worker/train/pages/hub/origin.ts';
import type { PackingRule } from '../../../../src-worker/train/pages/page-packer.ts';
import type { PageSource } from '../../../../src-worker/train/pages/page-source.ts';
import { shardPages } from '../../../../src-worker/train/pages/shard-pages.ts';
import { ShardTables } from '../../../../src-worker/train/pages/shard-tables.ts';
import { GPT2_END_OF_TEXT } from '../../../../src-worker/train/pages/tokenizers.ts';
import { type DatasetHub, startDatasetHub } from '../../../fakes/hub/data-sets.ts';
import { fixture, written } from './parquet/fixtures.ts';

const NAMES = ['snappy', 'dictionary', 'no-rows', 'v2-dictionary', 'all-null'];
/** Of one test, on a busy machine. */
let signal: AbortSignal;
beforeEach(() => {
  signal = AbortSignal.timeout(30_000);
});
const told = { notice: () => {}, clearNotice: () => {} };

let hub: DatasetHub;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-pages-'));
  hub = await startDatasetHub({
    files: Object.fromEntries(NAMES.map((name, i) => [`s/${i}.parquet`, fixture(name)])),
  });
});

afterEach(async () => {
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

function source(rule: Partial<PackingRule> = {}): PageSource {
  const manifestHash = hubManifest({ id: hub.id, commit: hub.commit, shards: hub.shards() });
  const store = hubStore(
    new Origin({ told: () => {} }),
    { hubUrl: hub.hubUrl, id: hub.id, commit: hub.commit, folder: 's', manifestHash },
    { keptIn: folder, told },
  );
  const tables = new ShardTables({ store, column: 'text', folder: join(folder, 'tables'), told });
  return shardPages({ manifestHash, store, tables, tokenizer: 'gpt2', context: 16, ...rule });
}

/** The rule in the library's words: empty rows and long blanks are not there, each document ends. */
const packed = (rows: readonly (string | null)[]) =>
  rows
    .filter((row) => row && row.length < 4_096)
    .flatMap((row) => [...encode(row!, { disallowedSpecial: new Set() }), GPT2_END_OF_TEXT]);

describe('pages of shards', () => {
  it('hold the documents of one row group, packed, without the tail that fills no sequence', async () => {
    const page = await source().loadPage(pageOf(0, 1), signal);
    const tokens = packed(written.rows.slice(25, 50));
    expect(page.sequences).toBe(Math.floor((tokens.length - 1) / 16));
    expect(Array.from(page.tokens)).toEqual(tokens.slice(0, page.sequences * 16 + 1));
    const digest = createHash('sha256').update(new Uint8Array(page.tokens.buffer, 0, page.tokens.byteLength));
    expect(page.sha256).toBe(digest.digest('hex'));
  });

  it('are the same however a shard is written', async () => {
    const pages = source();
    const [one, other] = [
      await pages.loadPage(pageOf(0, 0), signal),
      await pages.loadPage(pageOf(3, 0), signal),
    ];
    expect(other.sha256).toBe(one.sha256);
  });

  it('take one request each, once the footer and the way are known', async () => {
    const pages = source();
    await pages.loadPage(pageOf(1, 0), signal);
    const before = hub.requests.length;
    await pages.loadPage(pageOf(1, 2), signal);
    expect(hub.requests.slice(before).map(({ part }) => part)).toEqual(['storage']);
  });

  it('need no footer again after a restart', async () => {
    await source().draw({ first: 0n, second: 0n }, signal);
    const before = hub.of('storage').length;
    await source().draw({ first: 0n, second: 0n }, signal);
    expect(hub.of('storage')).toHaveLength(before);
  });

  it('are drawn by the rule, over shards with many row groups and with one', async () => {
    const groups = [3, 3, 1, 3, 1];
    const pages = source();
    const tables = await Promise.all(NAMES.map((_, shard) => pages.draw(firstOf(shard), signal)));
    expect(tables).toEqual(NAMES.map((_, shard) => pageOf(shard, 0)));
    for (let k = 0; k < 40; k += 1) {
      const pair = drawPair(new Uint8Array(32).fill(7), k);
      const shard = drawnShard(pair, NAMES.length);
      const expected = drawnPage(pair, shard, groups[shard]!);
      expect(await pages.draw(pair, signal)).toBe(expected);
    }
  });

  it('without text have no sequences', async () => {
    const pages = source();
    for (const page of [pageOf(2, 0), pageOf(4, 0)])
      expect(await pages.loadPage(page, signal)).toMatchObject({ sequences: 0, index: page });
  });

  it('speak the practice vocabulary where the model does', async () => {
    const page = await source({ tokenizer: 'practice-4096' }).loadPage(pageOf(0, 1), signal);
    expect(Math.max(...page.tokens)).toBe(4_095);
  });

  it('of text that cannot be read are an error', async () => {
    const bytes = new Uint8Array(fixture('checksums'));
    bytes[600]! ^= 255;
    await hub.close();
    hub = await startDatasetHub({ files: { 's/0.parquet': bytes } });
    await expect(source().loadPage(pageOf(0, 0), signal)).rejects.toMatchObject({ code: 'TEXT_MALFORMED' });
  });
});

/** A draw that means the first page of a shard: the middle of its share of all u64. */
const firstOf = (shard: number) => ({
  first: ((2n * BigInt(shard) + 1n) << 63n) / BigInt(NAMES.length),
  second: 0n,
});
