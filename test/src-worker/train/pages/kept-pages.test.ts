import { mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CodedError } from '../../../../src-shared/errors/app-error.ts';
import { pageOf } from '../../../../src-shared/pages.ts';
import { KeptPages } from '../../../../src-worker/train/pages/kept-pages.ts';
import { pageOfTokens } from '../../../../src-worker/train/pages/page-packer.ts';
import { Disk, type DiskWatch } from '../../../../src-worker/train/state/disk.ts';

const KEY = '0123456789abcdef';
const CONTEXT = 8;
/** 41 tokens and the seal. */
const PAGE_BYTES = 2 * (5 * CONTEXT + 1) + 32;

let folder: string;
let notices: CodedError[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-kept-'));
  notices = [];
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const told = { notice: (error: CodedError) => void notices.push(error), clearNotice: () => {} };
const open = (options: { quotaBytes?: number; key?: string; watch?: DiskWatch; context?: number } = {}) =>
  KeptPages.open({
    ...{ folder, key: KEY, context: CONTEXT, quotaBytes: 1e6, told },
    disk: new Disk(options.watch, told),
    ...options,
  });
const page = (index: number) =>
  pageOfTokens(
    index,
    Uint16Array.from({ length: 45 }, (_, i) => (index * 7 + i) % 50_257),
    CONTEXT,
  );
const pathOf = (index: number) =>
  join(folder, KEY, String(Math.floor(index / 65_536)), `${index % 65_536}.u16`);

describe('kept pages', () => {
  it('come back as they were, in another process too', async () => {
    const index = pageOf(3, 17);
    await (await open()).keep(page(index));
    const again = await open();
    expect(await again.read(index)).toEqual(page(index));
    expect(again.list()).toEqual([index]);
    expect(again.bytes).toBe(PAGE_BYTES);
    expect(await again.read(pageOf(3, 18))).toBeNull();
  });

  it('without a whole sequence are kept too', async () => {
    const kept = await open();
    await kept.keep(pageOfTokens(5, new Uint16Array(3), CONTEXT));
    expect(await kept.read(5)).toMatchObject({ sequences: 0, index: 5 });
  });

  it.each<[string, (path: string) => Promise<unknown>]>([
    ['a flipped bit', async (path) => writeFile(path, flipped(await readFile(path)))],
    ['a cut end', (path) => truncate(path, 40)],
    ['nothing in it', (path) => truncate(path, 0)],
    ['an odd length', (path) => truncate(path, 41)],
    ['gone altogether', (path) => rm(path)],
  ])('with %s are told, dropped, and not used', async (_what, damage) => {
    const kept = await open();
    await kept.keep(page(1));
    await damage(pathOf(1));
    expect(await kept.read(1)).toBeNull();
    expect(notices).toMatchObject([{ code: 'TEXT_KEPT_DAMAGED', params: { path: pathOf(1) } }]);
    expect(kept.bytes).toBe(0);
    await kept.keep(page(1));
    expect(await kept.read(1)).toEqual(page(1));
  });

  it('of another context are no pages', async () => {
    await (await open()).keep(page(1));
    expect(await (await open({ context: 7 })).read(1)).toBeNull();
  });

  it('take no more than the quota: what was unused longest goes, of other data sets too', async () => {
    const other = await open({ key: 'f'.repeat(16), quotaBytes: 3 * PAGE_BYTES });
    await other.keep(page(9));
    const kept = await open({ quotaBytes: 3 * PAGE_BYTES });
    await kept.keep(page(1));
    await kept.keep(page(2));
    await aged();
    const again = await open({ quotaBytes: 3 * PAGE_BYTES });
    await again.keep(page(3));
    expect(again.list()).toEqual([1, 2, 3]);
    expect(await again.read(1)).not.toBeNull();
    await again.keep(page(4));
    expect(again.list()).toEqual([1, 3, 4]);
    expect(again.bytes).toBe(3 * PAGE_BYTES);
    expect((await readdir(join(folder, 'f'.repeat(16), '0'))).length).toBe(0);
  });

  it('larger than the quota are not kept, nor any for a quota of nothing', async () => {
    const kept = await open({ quotaBytes: PAGE_BYTES - 1 });
    await kept.keep(page(1));
    expect(kept.list()).toEqual([]);
    const none = await open({ quotaBytes: 0 });
    await none.keep(page(2));
    expect(none.list()).toEqual([]);
  });

  it('make room at once where the quota was larger before, all of it for a quota of nothing', async () => {
    const before = await open();
    for (const index of [1, 2, 3]) await before.keep(page(index));
    expect((await open({ quotaBytes: 2 * PAGE_BYTES })).list()).toHaveLength(2);
    const none = await open({ quotaBytes: 0 });
    expect([none.list(), none.bytes]).toEqual([[], 0]);
    expect(await readdir(join(folder, KEY, '0'))).toEqual([]);
  });

  it('on a full disk are not kept, which is told, and nothing is left behind', async () => {
    const full: DiskWatch = (step) => {
      if (step === 'sync') throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    };
    const kept = await open({ watch: full });
    await kept.keep(page(1));
    expect(kept.list()).toEqual([]);
    expect(notices).toMatchObject([{ code: 'DISK_FULL' }]);
    expect(await readdir(join(folder, KEY, '0'))).toEqual([]);
  });

  it('pass over what is none of theirs', async () => {
    await (await open()).keep(page(1));
    await writeFile(join(folder, KEY, '0', '2.u16.tmp'), 'half');
    await writeFile(join(folder, KEY, 'notes.txt'), 'mine');
    const again = await open();
    expect(again.list()).toEqual([1]);
    expect(await readdir(join(folder, KEY, '0'))).toEqual(['1.u16']);
    expect(await readFile(join(folder, KEY, 'notes.txt'), 'utf8')).toBe('mine');
  });
});

/** Page 9 of the other data set was used first, then 2, then 1. */
async function aged(): Promise<void> {
  const paths = [join(folder, 'f'.repeat(16), '0', '9.u16'), pathOf(2), pathOf(1)];
  for (const [i, path] of paths.entries())
    await utimes(path, new Date(1e12 + i * 1e3), new Date(1e12 + i * 1e3));
}

function flipped(bytes: Buffer): Buffer {
  bytes[11]! ^= 4;
  return bytes;
}
