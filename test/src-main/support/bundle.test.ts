import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mnemonicToMiniSecret } from '@polkadot/util-crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BUNDLE_FILES } from '../../../src-main/logs/limits.ts';
import { redactor } from '../../../src-main/logs/redact.ts';
import { supportBundle } from '../../../src-main/support/bundle.ts';
import { newPhrase } from '../../../src-main/vault/account-text.ts';
import { createWallet } from '../../../src-main/vault/wallets/create-wallet.ts';
import { zipOf } from '../../../src-node/zip.ts';
import { defaultSettings } from '../../../src-shared/settings.ts';
import { accountSecrets, foundIn } from '../../secret-forms.ts';

const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
const { signal } = new AbortController();
let folder = '';
let dataDir = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-bundle-'));
  dataDir = join(folder, 'jane.doe', 'data');
  await mkdir(dataDir, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bundle = (keepsAddresses = false) =>
  supportBundle({
    dataDir,
    settings: { ...defaultSettings, 'wallet.folder': join(folder, 'jane.doe', 'wallets') },
    status: { runs: [{ hotkey: ALICE }], dataDir },
    view: JSON.stringify({ cards: { cards: [{ name: 'GeForce' }] }, runs: { [ALICE]: { dataDir } } }),
    redact: redactor({
      home: join(folder, 'jane.doe'),
      user: 'jane.doe',
      host: 'den-tower',
      dataDir,
      keepsAddresses,
    }),
    signal,
  });

describe('a support bundle', () => {
  it('holds no secret in any form, no account and no trace of its user', async () => {
    const secretPhrase = newPhrase(12);
    const secretSeed = `0x${Buffer.from(mnemonicToMiniSecret(secretPhrase)).toString('hex')}`;
    const password = new TextEncoder().encode('canary password 7f3a');
    const wallet = { name: 'mine', backup: secretPhrase, password };
    const { coldkey } = await createWallet(join(dataDir, 'vault'), wallet, signal);
    const secrets = accountSecrets('canary', { secretPhrase, secretSeed });
    // Everything that must not be there is put where a library could have printed it; raw bytes are no text.
    const said = secrets.flatMap(({ name, forms }) => (name.startsWith('phrase') ? forms : forms.slice(1)));
    const lines = [
      ...said.map((form) => `train: it says ${form}`),
      `${ALICE} of ${coldkey} at den-tower`,
      dataDir,
    ];
    await writeFile(join(dataDir, 'butterfly.log'), `${lines.join('\n')}\n`);
    await writeFile(join(dataDir, `${ALICE}.json`), '{}');
    const whole = Buffer.from(JSON.stringify(await bundle()));
    expect(foundIn(whole, secrets)).toEqual([]);
    for (const trace of [ALICE, ALICE.slice(0, 8), coldkey, 'jane.doe', 'den-tower', 'canary password'])
      expect(String(whole)).not.toContain(trace);
    expect(String(await bundle(true).then((parts) => JSON.stringify(parts)))).toContain(ALICE);
  });

  it('holds whole lines of a long log alone: without its name, the end of a secret is not known as one', async () => {
    const long = `password="${'hunter22 '.repeat(200)}"`;
    await writeFile(join(dataDir, 'butterfly.log'), `${long}\n`.repeat(1_500));
    const log = (await bundle()).find(({ name }) => name === 'butterfly.log');
    expect(log?.content).toMatch(/^password=<secret>\n/);
    expect(log?.content).not.toContain('hunter22');
  });

  it('names so many files and says that there are more', async () => {
    const many = Array.from({ length: BUNDLE_FILES + 1 }, (_, at) => join(dataDir, `state ${at}`));
    await Promise.all(many.map((path) => writeFile(path, '')));
    const files = (await bundle())
      .find(({ name }) => name === 'files.txt')
      ?.content.trimEnd()
      .split('\n');
    expect(files).toHaveLength(BUNDLE_FILES + 1);
    expect(files?.at(-1)).toBe('There are more.');
  });

  it('says what it is for: versions, hardware, settings, what runs, files and log', async () => {
    await writeFile(join(dataDir, 'butterfly.log'), '2026-11-30T07:40:54.639Z Butterfly starts\n');
    const parts = Object.fromEntries((await bundle()).map(({ name, content }) => [name, content]));
    expect(JSON.parse(parts['versions.json'] ?? '')).toMatchObject({ node: process.versions.node });
    expect(JSON.parse(parts['hardware.json'] ?? '').memoryBytes).toBeGreaterThan(0);
    expect(JSON.parse(parts['settings.json'] ?? '')).toMatchObject({ 'training.share': 100 });
    expect(JSON.parse(parts['status.json'] ?? '')).toMatchObject({ dataDir: '<data folder>' });
    expect(JSON.parse(parts['view.json'] ?? '')).toMatchObject({ cards: { cards: [{ name: 'GeForce' }] } });
    expect(parts['files.txt']).toContain('butterfly.log');
    expect(parts['butterfly.log']).toBe('2026-11-30T07:40:54.639Z Butterfly starts\n');
  });
});

describe('its archive', () => {
  it.skipIf(process.platform === 'win32')('is a ZIP that others open', async () => {
    const file = join(folder, 'bundle.zip');
    await writeFile(
      file,
      zipOf([
        { name: 'a/über.txt', content: 'grün\n'.repeat(1000) },
        { name: 'b', content: '' },
      ]),
    );
    const script =
      'import sys,zipfile,json; z=zipfile.ZipFile(sys.argv[1]); print(json.dumps([z.testzip(), {n: z.read(n).decode() for n in z.namelist()}]))';
    const read = JSON.parse(execFileSync('python3', ['-c', script, file], { encoding: 'utf8' }));
    expect(read).toEqual([null, { 'a/über.txt': 'grün\n'.repeat(1000), b: '' }]);
  });
});
