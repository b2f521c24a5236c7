import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type HostServices, hostApi } from '../../src-main/host-api.ts';
import { openSettings } from '../../src-main/settings/settings-file.ts';
import { ViewKeeper } from '../../src-main/view/view-keeper.ts';
import { stakeReview } from '../fakes/orders.ts';

const ENDPOINT = 'network.finney.endpoint';
const OTHER = 'wss://node.example:443';
const REFUSED = { code: 'SETTING_WHILE_SIGNING' };

/** The page's calls over settings on a disk, and a desk that notes what they say when an order comes to wait. */
async function startApi() {
  const dataDir = await mkdtemp(join(tmpdir(), 'butterfly-settings-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const settings = await openSettings(dataDir);
  const seen: string[] = [];
  const money = {
    pending: null as ReturnType<typeof stakeReview> | null,
    async ask(id: string) {
      seen.push(settings.values[ENDPOINT]);
      money.pending = stakeReview();
      return id;
    },
  };
  const keeper = new ViewKeeper({ version: '0.0.0', shell: 'web', dataDir, program: 'npm start --' });
  onTestFinished(() => keeper.stop());
  const api = hostApi({ keeper, money, settings } as unknown as HostServices);
  return { settings, money, seen, api };
}

it('lets no page move the endpoint or the wallets below an order that waits to be signed', async () => {
  const { api, money, settings } = await startApi();
  const before = settings.values;
  money.pending = stakeReview();
  for (const [id, value] of [
    [ENDPOINT, OTHER],
    ['network.test.endpoint', OTHER],
    ['wallet.folder', '/wallets'],
  ] as const)
    await expect(api.setSetting(id, value)).rejects.toMatchObject(REFUSED);
  await api.setSetting('training.threads', 2);
  expect(settings.values).toEqual({ ...before, 'training.threads': 2 });
  money.pending = null;
  await api.setSetting(ENDPOINT, OTHER);
  expect(settings.values[ENDPOINT]).toBe(OTHER);
});

it('has an order wait for what moves already, and nothing move while one comes', async () => {
  const { api, seen, settings } = await startApi();
  const moving = api.setSetting(ENDPOINT, OTHER);
  const asking = api.askMoney('quote');
  await expect(api.setSetting('network.test.endpoint', OTHER)).rejects.toMatchObject(REFUSED);
  await Promise.all([moving, asking]);
  expect(seen).toEqual([OTHER]);
  expect(settings.values['network.test.endpoint']).not.toBe(OTHER);
});
