import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SubnetPointRow } from '../../../src-main/store/rows.ts';
import { openStore, type Store } from '../../../src-main/store/store.ts';
import { storable } from '../../../src-main/store/subnet-store.ts';
import { alphaRao, hex, rao, ss58 } from '../../../src-shared/units.ts';

const GENESIS = hex('ab');
const problems: unknown[] = [];
let folder = '';
let store: Store;

const open = () =>
  openStore({
    dataDir: folder,
    onProblem: (problem) => problems.push(problem),
    onRecovered: () => undefined,
  });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-subnets-'));
  store = await open();
  problems.length = 0;
});
afterEach(async () => {
  await store.stop();
  await rm(folder, { recursive: true });
  expect(problems).toEqual([]);
});

describe('what was seen of a subnet', () => {
  const ours = () => store.subnet(GENESIS, 38);
  const point = (block: number, more: Partial<SubnetPointRow> = {}): SubnetPointRow => ({
    chain: ours().chain,
    block,
    atMs: block * 1_000,
    priceRao: rao(2n ** 60n + BigInt(block)),
    taoIn: null,
    taoInEmission: rao(1n),
    burnRao: rao(5n),
    volumeRao: null,
    miners: 61,
    validators: 7,
    ...more,
  });

  it('comes back to the last rao, with what is not known as such, after a restart', async () => {
    const [lately, longAgo] = [point(10, { atMs: Date.now() }), point(9)];
    store.add('subnetPoint', lately);
    store.add('subnetPoint', longAgo);
    await store.stop();
    store = await open();
    // And what is older than a year and some weeks is gone.
    expect(await ours().points(0, 100)).toEqual([lately]);
  });

  it('is kept apart by chain and number', async () => {
    store.add('subnetPoint', point(10));
    expect(await store.subnet(GENESIS, 39).points(0, 100)).toEqual([]);
    expect(await store.subnet(hex('cd'), 38).points(0, 100)).toEqual([]);
  });

  it('of many points shows the last of each stretch', async () => {
    for (let block = 1; block <= 1_000; block++) store.add('subnetPoint', point(block));
    const shown = await ours().points(0, 10);
    expect(shown).toHaveLength(10);
    expect(shown.at(-1)?.block).toBe(1_000);
    expect(shown.every(({ block, atMs }) => atMs === block * 1_000)).toBe(true);
  });

  it('keeps the fuller of two points of a block', async () => {
    store.add('subnetPoint', point(10));
    store.add('subnetPoint', point(10, { miners: null, burnRao: null }));
    expect(await ours().points(0, 100)).toEqual([point(10)]);
  });

  it('tells moves from the newest, and returns from the oldest, of the time asked for', async () => {
    const { chain } = ours();
    const [hotkey, coldkey] = [ss58('5H'), ss58('5C')];
    for (const block of [5, 9, 7]) {
      const at = { chain, block, hotkey, atMs: block * 1_000 };
      store.add('stakeMove', { ...at, coldkey, alpha: -(10n ** 18n) });
      store.add('epochReturn', { ...at, dividends: alphaRao(3n), stake: alphaRao(9n), take: 0.18 });
    }
    expect((await ours().moves(6_000)).map(({ block, alpha }) => [block, alpha])).toEqual([
      [9, -(10n ** 18n)],
      [7, -(10n ** 18n)],
    ]);
    const returns = await ours().returns(6_000);
    expect(returns.map(({ block }) => block)).toEqual([7, 9]);
    expect(returns[0]).toMatchObject({ dividends: 3n, stake: 9n, take: 0.18 });
  });

  it('knows since when an owner is the owner, and nothing of one that came back', async () => {
    const { chain } = ours();
    const owned = (block: number, coldkey: string) =>
      store.add('subnetOwner', { chain, block, atMs: block, coldkey: ss58(coldkey) });
    owned(1, '5First');
    expect(await ours().ownerSince(ss58('5First'))).toBe(1);
    owned(50, '5Second');
    expect(await ours().ownerSince(ss58('5First'))).toBeNull();
    expect(await ours().ownerSince(ss58('5Second'))).toBe(50);
  });
});

it('an amount that no column holds is not known', () => {
  expect(storable(2n ** 63n - 1n)).toBe(2n ** 63n - 1n);
  expect(storable(2n ** 63n)).toBeNull();
  expect(storable(null)).toBeNull();
});
