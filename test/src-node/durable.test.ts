import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFile, replaceFile } from '../../src-node/durable.ts';
import { canWatchFiles, expectDurable, watchFiles } from '../file-watch.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-durable-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('replaces a file whole, for its owner alone, and leaves no draft', async () => {
  const path = join(folder, 'a.json');
  await writeFile(path, 'old');
  await chmod(path, 0o644);
  await replaceFile(path, 'new');
  expect(await readFile(path, 'utf8')).toBe('new');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['a.json']);
});

it('takes two writers at once: the file is one of theirs, whole', async () => {
  const path = join(folder, 'a.json');
  const texts = Array.from({ length: 16 }, (_, i) => String(i).repeat(10_000));
  await Promise.all(texts.map((text) => replaceFile(path, text)));
  expect(texts).toContain(await readFile(path, 'utf8'));
  expect(await readdir(folder)).toEqual(['a.json']);
});

it('never creates over a file that is there', async () => {
  const path = join(folder, 'key');
  const made = await Promise.all(['a', 'b', 'c'].map((text) => createFile(path, text)));
  expect(made.filter(Boolean)).toHaveLength(1);
  expect(['a', 'b', 'c'][made.indexOf(true)]).toBe(await readFile(path, 'utf8'));
  expect(await readdir(folder)).toEqual(['key']);
});

it.runIf(canWatchFiles).each([
  ['replaced', replaceFile],
  ['created', createFile],
])('a file that is %s outlives a power cut: synced, named, its folder synced', async (_how, write) => {
  const path = join(folder, 'a.json');
  const events = await watchFiles();
  await write(path, 'text');
  expectDurable(events, path);
});

it('says in our words what the disk refuses', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  await expect(replaceFile(join(file, 'below'), 'x')).rejects.toMatchObject({ code: 'PATH_IS_FILE' });
});
