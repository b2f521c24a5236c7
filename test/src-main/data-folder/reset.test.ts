import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { markMovedAway, readMovedAway, takeBack } from '../../../src-main/data-folder/moved-away.ts';
import { resetIfAsked } from '../../../src-main/data-folder/reset.ts';
import { askReset, demandHere, openDataFolder } from '../../../src-main/data-folder.ts';
import { ss58 } from '../../../src-shared/units.ts';
import { cutEverywhere } from '../../power-cut.ts';

const hotkey = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const made: string[] = [];
afterEach(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function used(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-reset-'));
  made.push(folder);
  await (await openDataFolder(folder)).release();
  await mkdir(join(folder, 'keys', 'test', 'hotkeys'), { recursive: true });
  await writeFile(join(folder, 'keys', 'test', 'hotkeys', 'default.json'), 'a key');
  await mkdir(join(folder, 'runs'));
  await writeFile(join(folder, 'runs', 'model'), 'weights');
  await writeFile(join(folder, 'settings.json'), '{"version":1,"values":{}}');
  await markMovedAway(folder, [hotkey], 1);
  return folder;
}
const start = async (folder: string) => (await openDataFolder(folder)).release();
const text = (...names: string[]) => readFile(join(...names), 'utf8');

describe('a reset that was asked for', () => {
  it('moves all aside at the next start, but for keys and the mark of hotkeys that work elsewhere', async () => {
    const folder = await used();
    await askReset(folder, 1);
    expect(await readdir(folder)).toContain('settings.json');
    await start(folder);
    const names = (await readdir(folder)).filter((name) => !/^in-use|^format\.json/.test(name)).sort();
    expect(names).toEqual(['before-reset-1', 'keys', 'moved-away.json', 'moved-away.json.copy']);
    expect(await text(folder, 'before-reset-1', 'runs', 'model')).toBe('weights');
    expect(await text(folder, 'keys', 'test', 'hotkeys', 'default.json')).toBe('a key');
    await expect(demandHere(folder, hotkey)).rejects.toMatchObject({ code: 'HOTKEY_MOVED_AWAY' });
  });

  it('is done once, and the next one has a folder of its own', async () => {
    const folder = await used();
    for (const times of [1, 2]) {
      await askReset(folder, times);
      await start(folder);
      await start(folder);
      expect((await readdir(folder)).filter((name) => name.startsWith('before-reset-'))).toHaveLength(times);
    }
  });

  it('comes to its end whenever the power goes, and loses nothing', async () => {
    const reset = (folder: string) => resetIfAsked(folder, () => undefined);
    const ground = async () => {
      const folder = await used();
      await askReset(folder, 1);
      return folder;
    };
    const changes = await cutEverywhere(ground, reset, async (folder) => {
      await start(folder);
      expect(await text(folder, 'before-reset-1', 'runs', 'model')).toBe('weights');
      expect(await text(folder, 'before-reset-1', 'settings.json')).toContain('version');
      expect(await text(folder, 'keys', 'test', 'hotkeys', 'default.json')).toBe('a key');
      const names = await readdir(folder);
      for (const gone of ['runs', 'settings.json', 'reset-asked.json', 'renamings.json'])
        expect(names).not.toContain(gone);
    });
    expect(changes).toBeGreaterThan(30);
  });
});

describe('the mark of what was moved away', () => {
  it('holds until it is taken back', async () => {
    const folder = await used();
    await expect(demandHere(folder, hotkey)).rejects.toMatchObject({ code: 'HOTKEY_MOVED_AWAY' });
    await takeBack(folder, [hotkey]);
    expect(await readMovedAway(folder)).toBeNull();
    await demandHere(folder, hotkey);
  });

  it('that cannot be read refuses: it may say that the hotkey works elsewhere', async () => {
    const folder = await used();
    for (const name of ['moved-away.json', 'moved-away.json.copy']) await writeFile(join(folder, name), '{');
    await expect(demandHere(folder, hotkey)).rejects.toMatchObject({ code: 'MOVED_AWAY_UNREADABLE' });
  });
});
