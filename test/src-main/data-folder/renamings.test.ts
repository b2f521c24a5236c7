import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { finishRenamings, renameAll } from '../../../src-main/data-folder/renamings.ts';
import { cutEverywhere } from '../../power-cut.ts';

const made: string[] = [];
afterEach(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Something that stands in the way of what is to take its name, and something that is new. */
async function ground(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-renamings-'));
  made.push(folder);
  await mkdir(join(folder, 'stage'));
  await writeFile(join(folder, 'a.json'), 'old');
  await writeFile(join(folder, 'stage', 'a.json'), 'new');
  await writeFile(join(folder, 'stage', 'b.json'), 'also new');
  return folder;
}
const planned = (folder: string) => [
  { from: join(folder, 'a.json'), to: join(folder, 'a.json.before') },
  { from: join(folder, 'stage', 'a.json'), to: join(folder, 'a.json') },
  { from: join(folder, 'stage', 'b.json'), to: join(folder, 'deep', 'b.json') },
];
async function seen(folder: string): Promise<Record<string, string>> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = files
    .filter((file) => file.isFile())
    .map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length + 1), await readFile(path, 'utf8')] as const;
    });
  return Object.fromEntries(await Promise.all(texts));
}
const before = { 'a.json': 'old', 'stage/a.json': 'new', 'stage/b.json': 'also new' };
const after = { 'a.json': 'new', 'a.json.before': 'old', 'deep/b.json': 'also new' };

describe('names that change together', () => {
  it('all change', async () => {
    const folder = await ground();
    await renameAll(folder, planned(folder));
    expect(await seen(folder)).toEqual(after);
  });

  it('all change or none, whenever the power goes, once the next start went on', async () => {
    const ends = new Set<string>();
    const changes = await cutEverywhere(
      ground,
      (folder) => renameAll(folder, planned(folder)),
      async (folder) => {
        await finishRenamings(folder, () => undefined);
        const found = await seen(folder);
        for (const name of Object.keys(found)) if (name.endsWith('.new')) delete found[name];
        const isAfter = found['a.json'] === 'new';
        expect(found).toEqual(isAfter ? after : before);
        ends.add(isAfter ? 'after' : 'before');
      },
    );
    expect(changes).toBeGreaterThan(12);
    expect([...ends].sort()).toEqual(['after', 'before']);
  });

  it('are not taken for done where their list cannot be read', async () => {
    const folder = await ground();
    for (const name of ['renamings.json', 'renamings.json.copy']) await writeFile(join(folder, name), '{');
    await expect(finishRenamings(folder, () => undefined)).rejects.toMatchObject({
      code: 'RENAMINGS_DAMAGED',
    });
  });
});
