import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkReportFile } from '../../../src-main/entry/counted-practice.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'report-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('leaves nothing of its own where a report can be written, and what is there as it was', async () => {
  await checkReportFile(join(folder, 'new.json'));
  expect(await readdir(folder)).toEqual([]);
  await writeFile(join(folder, 'old.json'), 'the report of yesterday');
  await checkReportFile(join(folder, 'old.json'));
  expect(await readFile(join(folder, 'old.json'), 'utf8')).toBe('the report of yesterday');
});

it('refuses a folder and a path below none, before the run and not after it', async () => {
  for (const path of [folder, join(folder, 'missing', 'report.json')])
    await expect(checkReportFile(path)).rejects.toMatchObject({
      code: 'REPORT_UNWRITABLE',
      params: { path },
    });
  expect(await readdir(folder)).toEqual([]);
});
