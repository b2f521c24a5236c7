import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { watchEndpoints } from '../../../src-main/settings/endpoints-since.ts';
import { openSettings } from '../../../src-main/settings/settings-file.ts';
import { defaultSettings, isShippedEndpoint, type SettingId } from '../../../src-shared/settings.ts';

const ID = 'network.finney.endpoint';
const OTHER = 'wss://node.example:443';
const told = () => undefined;

it('knows since when the settings name an endpoint, over restarts', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'butterfly-since-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const now = vi.spyOn(Date, 'now').mockReturnValue(1_000);
  onTestFinished(() => now.mockRestore());
  const settings = await openSettings(dataDir);
  const endpoints = await watchEndpoints(dataDir, settings, told);
  expect(endpoints.sinceOf('finney', defaultSettings[ID])).toBe(1_000);
  expect(endpoints.sinceOf('finney', OTHER)).toBeNull();
  now.mockReturnValue(2_000);
  await settings.set(ID, OTHER);
  await settings.set('wallet.folder', '/wallets');
  expect(endpoints.sinceOf('finney', OTHER)).toBe(2_000);
  // What was set for one network was chosen for no other.
  expect(endpoints.sinceOf('test', OTHER)).toBeNull();
  expect(endpoints.sinceOf('mine', OTHER)).toBeNull();
  expect(endpoints.sinceOf('finney', defaultSettings[ID])).toBeNull();
  await endpoints.stop();
  now.mockReturnValue(3_000);
  const again = await watchEndpoints(dataDir, await openSettings(dataDir), told);
  expect(again.sinceOf('finney', OTHER)).toBe(2_000);
  await again.stop();
});

it('is stopped once all of it is on the disk, also where a change that needs no note came last', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'butterfly-since-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  let values = defaultSettings;
  let changed: (id: SettingId) => void = () => {};
  const settings = {
    get values() {
      return values;
    },
    onChange: (listener: (id: SettingId) => void) => {
      changed = listener;
      return () => {};
    },
  };
  const endpoints = await watchEndpoints(dataDir, settings, told);
  values = { ...values, [ID]: OTHER };
  changed(ID);
  changed('wallet.folder');
  const sinceMs = endpoints.sinceOf('finney', OTHER);
  await endpoints.stop();
  const kept = JSON.parse(await readFile(join(dataDir, 'endpoints-since.json'), 'utf8'));
  expect(JSON.stringify(kept)).toContain(JSON.stringify({ endpoint: OTHER, sinceMs }));
});

it('tells what Butterfly comes with from what was chosen', () => {
  expect([defaultSettings[ID], OTHER].map(isShippedEndpoint)).toEqual([true, false]);
});
