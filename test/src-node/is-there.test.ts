import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { isThere } from '../../src-node/is-there.ts';

it('sees files and folders, and not what a link names that leads nowhere', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-there-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'file');
  await writeFile(file, '');
  await symlink(join(folder, 'gone'), join(folder, 'dangling'));
  const places = [folder, file, join(folder, 'gone'), join(folder, 'dangling'), join(file, 'below a file')];
  expect(await Promise.all(places.map(isThere))).toEqual([true, true, false, false, false]);
});
