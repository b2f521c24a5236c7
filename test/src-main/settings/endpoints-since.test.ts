import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { watchEndpoints } from '../../../src-main/settings/endpoints-since.ts';
import { openSettings } from '../../../src-main/settings/settings-file.ts';
import { defaultSettings, isShippedEndpoint } from '../../../src-shared/settings.ts';

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

it('tells what Butterfly comes with from what was chosen', () => {
  expect([defaultSettings[ID], OTHER].map(isShippedEndpoint)).toEqual([true, false]);
});
