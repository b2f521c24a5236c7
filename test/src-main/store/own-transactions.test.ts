import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStore, type Store } from '../../../src-main/store/store.ts';
import { hex, ss58 } from '../../../src-shared/units.ts';

let folder = '';
let store: Store;
const open = () => openStore({ dataDir: folder, onProblem: () => undefined, onRecovered: () => undefined });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-own-transactions-'));
  store = await open();
});
afterEach(async () => {
  await store.stop();
  await rm(folder, { recursive: true });
});

const row = (at: number, isOpen: boolean, body = `of ${at}`) => ({
  ...{ id: `t${at}`, genesisHash: hex('ab'), coldkey: ss58('5Cold'), atMs: at, isOpen, body },
});

it('what was signed is there after a restart, the newest first, once each', async () => {
  await store.transactions.keep(row(1, true));
  await store.transactions.keep(row(2, true));
  await store.transactions.keep(row(1, false, 'its fate'));
  await store.stop();
  store = await open();
  expect(await store.transactions.list(10)).toEqual([row(2, true), row(1, false, 'its fate')]);
});

it('one whose fate is open is listed however old it is', async () => {
  for (const at of [1, 2, 3, 4]) await store.transactions.keep(row(at, at === 1));
  expect((await store.transactions.list(2)).map(({ id }) => id)).toEqual(['t4', 't3', 't1']);
});

it('another process reads whose fate is open, while it is written and after', async () => {
  const other = await mkdtemp(join(tmpdir(), 'butterfly-other-journal-'));
  const reader = await openStore({
    ...{ dataDir: other, onProblem: () => undefined, onRecovered: () => undefined },
  });
  try {
    expect(await reader.openElsewhere(join(other, 'none'))).toEqual([]);
    await store.transactions.keep(row(1, true));
    await store.transactions.keep(row(2, false));
    expect(await reader.openElsewhere(folder)).toEqual([row(1, true)]);
    await store.stop();
    expect(await reader.openElsewhere(folder)).toEqual([row(1, true)]);
    store = await open();
    await store.transactions.keep(row(1, false));
    expect(await reader.openElsewhere(folder)).toEqual([]);
  } finally {
    await reader.stop();
    await rm(other, { recursive: true });
  }
});
