import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GO_BACK_FILE } from '../../../src-main/data-folder/before-version.ts';
import { checkFormat, enterVersion, type FormatStep } from '../../../src-main/data-folder/format.ts';
import { BACKUPS_BEFORE_KEPT } from '../../../src-main/data-folder/limits.ts';
import { checkedText } from '../../../src-node/durable-json.ts';
import { cutEverywhere } from '../../power-cut.ts';

let base = '';
const copies: string[] = [];
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'butterfly-version-'));
});
afterEach(async () => {
  for (const folder of [base, ...copies.splice(0)]) await rm(folder, { recursive: true, force: true });
});

const none = () => expect.unreachable();
const text = (...names: string[]) => readFile(join(base, ...names), 'utf8');
const backups = async (folder = base) => (await readdir(join(folder, 'backups'))).sort();

/** A step that rewrites what another version had written. */
const rewrite: FormatStep = {
  practice: 'goes-on',
  migrate: (path) => writeFile(join(path, 'runs.json'), 'rewritten'),
};

async function usedBy(version: string, folder = base): Promise<void> {
  await writeFile(join(folder, 'settings.json'), '{"version":1}');
  await writeFile(join(folder, 'runs.json'), `of ${version}`);
  await writeFile(join(folder, 'ledger.db'), 'rows');
  await writeFile(join(folder, 'ledger.db-wal'), 'newest rows');
  await writeFile(join(folder, 'telemetry.db'), 'years of it');
  await writeFile(join(folder, 'in-use.json'), 'a process');
  await mkdir(join(folder, 'keys', 'test'), { recursive: true });
  await writeFile(join(folder, 'format.json'), checkedText({ format: 0, version }));
}

describe('the first start of another version', () => {
  it('copies what may be written otherwise, and no keys, before any step is taken', async () => {
    await usedBy('0.1.0');
    await enterVersion(base, '0.2.0', none, [rewrite]);
    expect(await backups()).toEqual(['before-0.2.0']);
    expect((await readdir(join(base, 'backups', 'before-0.2.0'))).sort()).toEqual([
      GO_BACK_FILE,
      'format.json',
      'format.json.copy',
      'ledger.db',
      'ledger.db-wal',
      'runs.json',
      'settings.json',
    ]);
    expect(await text('backups', 'before-0.2.0', 'runs.json')).toBe('of 0.1.0');
    expect(await text('runs.json')).toBe('rewritten');
    expect(JSON.parse(await text('format.json')).value).toEqual({ format: 1, version: '0.2.0' });
    expect(await text('backups', 'before-0.2.0', GO_BACK_FILE)).toContain('Install Butterfly 0.1.0 again.');
  });

  it('is the only one that copies', async () => {
    await usedBy('0.1.0');
    for (let start = 0; start < 3; start++) await enterVersion(base, '0.2.0', none, [rewrite]);
    expect(await backups()).toEqual(['before-0.2.0']);
  });

  it('makes no copy of a folder in which nothing is', async () => {
    await enterVersion(base, '0.2.0', none, [rewrite]);
    expect(await readdir(base)).not.toContain('backups');
  });

  it('back to an older one copies too, and of all copies the newest stay', async () => {
    await usedBy('0.1.0');
    for (const version of ['0.2.0', '0.1.0', '0.2.0', '0.3.0']) await enterVersion(base, version, none, []);
    expect(await backups()).toHaveLength(BACKUPS_BEFORE_KEPT);
    expect(await backups()).toEqual(['before-0.1.0', 'before-0.2.0-2', 'before-0.3.0']);
  });

  it('keeps what a newer version noted in the same file', async () => {
    await writeFile(join(base, 'format.json'), checkedText({ format: 0, version: '9', colour: 'red' }));
    await enterVersion(base, '0.2.0', none, []);
    expect(JSON.parse(await text('format.json')).value).toEqual({
      format: 0,
      version: '0.2.0',
      colour: 'red',
    });
  });

  it('whose format the older one does not know is refused to that one with the way back', async () => {
    await usedBy('0.1.0');
    await enterVersion(base, '0.2.0', none, [rewrite]);
    await expect(checkFormat(base, [])).rejects.toMatchObject({
      code: 'DATA_DIR_NEWER_KEPT',
      params: { found: 1, known: 0, backup: join(base, 'backups', 'before-0.2.0') },
    });
  });

  it('can be gone back from by copying, as the text beside the copy says', async () => {
    await usedBy('0.1.0');
    await enterVersion(base, '0.2.0', none, [rewrite]);
    await cp(join(base, 'backups', 'before-0.2.0'), base, { recursive: true });
    await checkFormat(base, []);
    expect(await text('runs.json')).toBe('of 0.1.0');
  });

  it('survives a power cut at any moment: what was before is whole in the folder or in its copy', async () => {
    const ground = async () => {
      const folder = await mkdtemp(join(tmpdir(), 'butterfly-version-'));
      copies.push(folder);
      await usedBy('0.1.0', folder);
      return folder;
    };
    const changes = await cutEverywhere(
      ground,
      (folder) => enterVersion(folder, '0.2.0', none, [rewrite]),
      async (folder) => {
        await enterVersion(folder, '0.2.0', () => undefined, [rewrite]);
        expect(await readFile(join(folder, 'runs.json'), 'utf8')).toBe('rewritten');
        const kept = await backups(folder);
        expect(kept.filter((name) => name.endsWith('.new'))).toEqual([]);
        for (const name of kept)
          expect(await readFile(join(folder, 'backups', name, 'runs.json'), 'utf8'), name).toBe('of 0.1.0');
        expect(kept.length).toBeGreaterThan(0);
      },
    );
    expect(changes).toBeGreaterThan(20);
  });
});
