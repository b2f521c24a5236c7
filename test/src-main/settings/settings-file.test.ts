import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSettings, peekSettings } from '../../../src-main/settings/settings-file.ts';
import { defaultSettings, settingSchema, settings } from '../../../src-shared/settings.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-settings-'));
});
afterEach(() => rm(folder, { recursive: true }));

const file = () => join(folder, 'settings.json');
const onDisk = async () => JSON.parse(await readFile(file(), 'utf8')).values;

describe('settings', () => {
  it('are the defaults until something is set, and write nothing by themselves', async () => {
    const opened = await openSettings(folder);
    expect(opened.values).toEqual(defaultSettings);
    expect(await readdir(folder)).toEqual([]);
  });

  it('come back after they were set', async () => {
    const first = await openSettings(folder);
    await Promise.all([first.set('training.threads', 3), first.set('window.acceleration', true)]);
    expect((await openSettings(folder)).values).toEqual({
      ...defaultSettings,
      'training.threads': 3,
      'window.acceleration': true,
    });
    expect(await readdir(folder)).toEqual(['settings.json']);
  });

  it('refuse a value that does not fit and keep the old one', async () => {
    const opened = await openSettings(folder);
    await expect(opened.set('training.threads', 65)).rejects.toMatchObject({ code: 'SETTING_INVALID' });
    await expect(opened.set('__proto__' as never, 1 as never)).rejects.toMatchObject({
      code: 'SETTING_INVALID',
    });
    expect(opened.values).toEqual(defaultSettings);
  });

  it.each([
    ['no JSON', '{"version":1,'],
    ['another version', '{"version":2,"values":{}}'],
    ['no object', '[]'],
    ['nothing', ''],
  ])('that are %s are moved aside whole, with a notice', async (_title, text) => {
    await writeFile(file(), text);
    const opened = await openSettings(folder);
    expect(opened.values).toEqual(defaultSettings);
    const movedTo = `${file()}.damaged-1`;
    expect(opened.notices).toEqual([{ code: 'SETTINGS_CORRUPT', params: { movedTo } }]);
    expect(await readFile(movedTo, 'utf8')).toBe(text);
  });

  it('lose only the one value that does not fit, which stays in the file until it is chosen anew', async () => {
    const values = { 'training.threads': 'many', 'swarm.port': 4_000 };
    await writeFile(file(), JSON.stringify({ version: 1, values }));
    const opened = await openSettings(folder);
    expect(opened.values).toEqual({ ...defaultSettings, 'swarm.port': 4_000 });
    expect(opened.notices).toEqual([
      { code: 'SETTING_IGNORED', params: { setting: 'training.threads', value: '"many"' } },
    ]);
    await opened.set('window.acceleration', true);
    expect(await onDisk()).toEqual({ ...values, 'window.acceleration': true });
    await opened.set('training.threads', 2);
    expect((await openSettings(folder)).notices).toEqual([]);
  });

  it.each([
    ['network.finney.endpoint', 'wss://node.example:443', 'https://node.example'],
    ['swarm.reach', 'this-computer', 'nobody'],
    ['join.keysFolder', '/home/a/keys', 'keys'],
    ['wallet.folder', '/home/a/wallets', '//host/share'],
    ['wallet.folder', '/home/b/wallets', '/\\host\\share'],
    ['join.registrationLimit', 0.5, 0.123_456],
  ] as const)('of another kind are checked by what they mean: %s', async (id, good, bad) => {
    const opened = await openSettings(folder);
    await opened.set(id, good);
    await expect(opened.set(id, bad)).rejects.toMatchObject({ code: 'SETTING_INVALID' });
    expect((await openSettings(folder)).values[id]).toBe(good);
  });

  it('write down only what was chosen: a later default reaches everybody else', async () => {
    await (await openSettings(folder)).set('swarm.port', 4_000);
    expect(await onDisk()).toEqual({ 'swarm.port': 4_000 });
  });

  it('that were edited by hand meanwhile are not written over', async () => {
    const opened = await openSettings(folder);
    const heard: string[] = [];
    opened.onChange((id) => heard.push(id));
    await writeFile(file(), '{"version":1,"values":{"swarm.port":4000}}');
    await opened.set('training.threads', 3);
    expect(opened.values).toEqual({ ...defaultSettings, 'swarm.port': 4_000, 'training.threads': 3 });
    expect(heard.sort()).toEqual(['swarm.port', 'training.threads']);
  });

  it('that were spoilt by hand meanwhile are moved aside, and nothing is set', async () => {
    const opened = await openSettings(folder);
    await opened.set('swarm.port', 4_000);
    await writeFile(file(), '{"version":1,');
    await expect(opened.set('training.threads', 3)).rejects.toMatchObject({ code: 'SETTINGS_CORRUPT' });
    expect(opened.values['swarm.port']).toBe(4_000);
    expect(await readFile(`${file()}.damaged-1`, 'utf8')).toBe('{"version":1,');
  });

  it('tell a change once, and not one that changes nothing', async () => {
    const opened = await openSettings(folder);
    const heard: string[] = [];
    const off = opened.onChange((id) => heard.push(`${id} ${opened.values[id]}`));
    await opened.set('training.threads', 3);
    await opened.set('training.threads', 3);
    off();
    await opened.set('training.threads', 4);
    expect(heard).toEqual(['training.threads 3']);
  });

  it('whose file is a folder say so and change nothing', async () => {
    await mkdir(file());
    await expect(openSettings(folder)).rejects.toMatchObject({
      code: 'PATH_IS_FOLDER',
      params: { path: file() },
    });
    expect(await peekSettings(folder)).toEqual(defaultSettings);
  });

  it('longer than any of ours are not read whole', async () => {
    await writeFile(file(), ' '.repeat(100_000));
    expect((await openSettings(folder)).notices).toMatchObject([{ code: 'SETTINGS_CORRUPT' }]);
  });

  it('can be looked at before the folder is ours, which changes nothing', async () => {
    expect(await peekSettings(join(folder, 'absent'))).toEqual(defaultSettings);
    await writeFile(file(), 'not JSON');
    expect(await peekSettings(folder)).toEqual(defaultSettings);
    expect(await readdir(folder)).toEqual(['settings.json']);
    await writeFile(file(), '{"version":1,"values":{"training.threads":5}}');
    expect((await peekSettings(folder))['training.threads']).toBe(5);
  });

  it('are read behind a byte order mark, which some editors write', async () => {
    await writeFile(file(), '\uFEFF{"version":1,"values":{"training.threads":5}}');
    const opened = await openSettings(folder);
    expect(opened.values['training.threads']).toBe(5);
    expect(opened.notices).toEqual([]);
  });

  it('keep what a newer version wrote', async () => {
    await writeFile(file(), '{"version":1,"values":{"future.option":[1]}}');
    await (await openSettings(folder)).set('training.threads', 2);
    expect(JSON.parse(await readFile(file(), 'utf8')).values).toMatchObject({ 'future.option': [1] });
  });

  it('accept their own defaults', () => {
    for (const id of Object.keys(settings) as (keyof typeof settings)[]) {
      expect(v.is(settingSchema(id), settings[id].default), id).toBe(true);
    }
  });
});
