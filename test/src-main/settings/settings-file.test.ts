import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
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
    ['a value of wrong type', '{"version":1,"values":{"training.threads":"many"}}'],
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
