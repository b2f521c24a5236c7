import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keptCards } from '../../../src-main/scoring/kept-cards.ts';
import type { SaidCards } from '../../../src-main/scoring/score-reader.ts';
import { addressOf } from '../rounds/machine-bench.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cards-'));
});
afterEach(() => rm(folder, { recursive: true }));

const said = (name: string, round: number): SaidCards => ({
  set: { validator: addressOf(name), round, updatedAtMs: round, cards: [] },
  signed: { text: `{"round":${round}}`, signature: 'ab'.repeat(64) },
});
const fail = (thrown: unknown) => expect.unreachable(String(thrown));

it('what validators signed is kept as it came, four rounds of each, and is there after a restart', async () => {
  const kept = keptCards(join(folder, 'cards'), fail);
  for (let round = 0; round < 6; round++) void kept.keep(said('ann', round));
  void kept.keep(said('bea', 3));
  const all = await kept.all();
  expect(all.map(({ validator, round }) => [validator === addressOf('ann') ? 'ann' : 'bea', round])).toEqual([
    ['ann', 5],
    ['ann', 4],
    ['ann', 3],
    ['bea', 3],
    ['ann', 2],
  ]);
  expect(all[0]!.signed).toEqual(said('ann', 5).signed);
  expect(await keptCards(join(folder, 'cards'), fail).all()).toEqual(all);
});

it('no more validators are kept than are asked, and what is no kept word is passed over', async () => {
  const kept = keptCards(folder, fail);
  for (const [i, name] of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].entries())
    await kept.keep(said(name, i));
  await writeFile(join(folder, `${addressOf('b')}-7.txt`), 'no signature');
  await writeFile(join(folder, 'notes.txt'), 'x');
  const rounds = (await kept.all()).map(({ round }) => round);
  expect(rounds).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
  expect(await readdir(folder)).toContain('notes.txt');
});
