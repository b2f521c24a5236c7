import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { resetAtNextStart } from '../../src-main/host-moving.ts';

it.each([
  ['another word is typed', { typed: 'yes' }, 'RESET_NOT_TYPED'],
  ['something waits in the signing window', { isSigning: () => true }, 'RESET_WHILE_SIGNING'],
  ['the fate of an order is open', { open: async () => 1 }, 'MOVE_ORDERS_OPEN'],
])('the next start begins anew, but not where %s', async (_title, change, code) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'butterfly-reset-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const sound = { dataDir, typed: ' Reset ', isSigning: () => false, open: async () => 0 };
  await expect(resetAtNextStart({ ...sound, ...change })).rejects.toMatchObject({ code });
  expect(await readdir(dataDir)).toEqual([]);
  await resetAtNextStart(sound);
  expect(await readdir(dataDir)).toEqual(['reset-asked.json']);
});
