import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { type Host, startHost } from '../../src-main/host.ts';
import { openWallets } from '../../src-main/host-wallets.ts';
import { makeKeys } from '../../src-main/join/keys.ts';
import type { Runs } from '../../src-main/runs/runs.ts';
import { openSettings } from '../../src-main/settings/settings-file.ts';
import { tellPeople } from '../../src-main/view/told.ts';
import { ViewKeeper } from '../../src-main/view/view-keeper.ts';
import { listeners } from '../../src-node/listeners.ts';
import { ss58 } from '../../src-shared/units.ts';
import { soon } from '../soon.ts';
import { ADDRESS, PLAIN } from './vault/locked-files.ts';

/** Every look starts a thread, on a machine that does much else. */
vi.setConfig({ testTimeout: 180_000 });

const OTHER = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
let home: string;
let dataDir: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'host-wallets-'));
  dataDir = join(home, 'data');
  await mkdir(dataDir);
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function choose(folder: string): Promise<string> {
  const values = { 'wallet.folder': folder };
  await writeFile(join(dataDir, 'settings.json'), JSON.stringify({ version: 1, values }));
  return folder;
}

async function start(): Promise<Host> {
  const host = await startHost({
    ...{ dataDir, shell: 'web', adversary: null, extraEnv: {}, echoLog: false },
    askToEnd: () => undefined,
  });
  onTestFinished(() => host.stop());
  return host;
}

it('a host shows the wallets of the chosen folder, and follows the choice', async () => {
  const first = await choose(join(home, 'first'));
  await mkdir(join(first, 'mine'), { recursive: true });
  await writeFile(join(first, 'mine', 'coldkey'), PLAIN);
  const { api } = await start();
  await api.refreshWallets();
  expect((await api.view()).wallets).toMatchObject([{ name: 'mine', coldkey: ADDRESS, opens: 'plain' }]);
  await api.setSetting('wallet.folder', join(home, 'second'));
  await soon(async () => expect((await api.view()).wallets).toEqual([]));
  await api.watchColdkey({ name: 'far', address: OTHER });
  expect((await api.view()).wallets).toMatchObject([
    { name: 'far', folder: join(home, 'second', 'far'), opens: 'elsewhere' },
  ]);
});

it('a host shows its address book, also after a restart', async () => {
  await choose(join(home, 'none'));
  const before = await start();
  await before.api.setContact(OTHER, 'exchange');
  await expect(before.api.setContact(ss58(ADDRESS), 'Exchange')).rejects.toMatchObject({
    code: 'CONTACT_NAME_TAKEN',
  });
  expect((await before.api.view()).contacts).toEqual([{ address: OTHER, name: 'exchange' }]);
  await before.stop();
  const { api } = await start();
  expect((await api.view()).contacts).toEqual([{ address: OTHER, name: 'exchange' }]);
  await api.setContact(OTHER, null);
  expect((await api.view()).contacts).toEqual([]);
});

it('the wallet of a run is shown from its begin to its end', async () => {
  await choose(join(home, 'none'));
  const keysDir = join(home, 'keys-of-run');
  const { coldkey } = await makeKeys(keysDir);
  const settings = await openSettings(dataDir);
  const keeper = new ViewKeeper({ version: '0', shell: 'web', dataDir, program: 'npm start --' });
  onTestFinished(() => keeper.stop());
  const events = listeners<Record<'begun' | 'gone' | 'failed', unknown>>();
  const wallets = await openWallets({
    ...{ dataDir, settings, keeper, told: tellPeople(keeper, () => undefined) },
    runs: { on: events.on } as unknown as Runs,
    signal: new AbortController().signal,
  });
  onTestFinished(() => wallets.stop());
  const run = { id: OTHER, keysDir, facts: { network: 'practice' } };
  for (const end of ['gone', 'failed'] as const) {
    events.emit('begun', run);
    await soon(() =>
      expect(keeper.view.wallets).toMatchObject([
        { name: 'practice', network: 'practice', coldkey, opens: 'plain' },
      ]),
    );
    events.emit(end, { id: OTHER });
    await soon(() => expect(keeper.view.wallets).toEqual([]));
  }
});
