import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pruneSpool } from '../../../src-main/runs/prune-spool.ts';
import { spoolFolder } from '../../../src-shared/spool.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-spool-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('keeps the last four rounds and whatever is no round', async () => {
  for (const round of [0, 1, 2, 3, 4, 5, 6]) {
    await mkdir(join(folder, spoolFolder(round)));
    await writeFile(join(folder, spoolFolder(round), 'average.bin'), 'x');
  }
  await mkdir(join(folder, 'notes'));
  await pruneSpool(folder, 5);
  expect((await readdir(folder)).sort()).toEqual([2, 3, 4, 5, 6].map(spoolFolder).concat('notes'));
});

it('finds nothing to do where there is no spool yet', async () => {
  await expect(pruneSpool(join(folder, 'absent'), 9)).resolves.toBeUndefined();
});
