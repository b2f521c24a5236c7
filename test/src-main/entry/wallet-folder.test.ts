import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { readCommandLine } from '../../../src-main/commands/command-line.ts';
import { defaultDataDir } from '../../../src-main/data-folder.ts';
import { walletAtTerminal } from '../../../src-main/entry/run-wallet.ts';
import { COLDKEY } from '../../fakes/orders.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

it.skipIf(process.platform !== 'linux')('a wallet goes where the settings say that wallets lie', async () => {
  const home = await mkdtemp(join(tmpdir(), 'butterfly-folder-'));
  vi.stubEnv('HOME', home);
  vi.stubEnv('XDG_DATA_HOME', join(home, 'data'));
  const folder = join(home, 'chosen');
  const values = { 'wallet.folder': folder };
  await mkdir(defaultDataDir(), { recursive: true });
  await writeFile(join(defaultDataDir(), 'settings.json'), JSON.stringify({ version: 1, values }));
  const read = readCommandLine(['wallet', '--watch', COLDKEY, '--name', 'seen']);
  if (read.kind !== 'run' || read.asked.name !== 'wallet') throw new Error('no such command');
  expect(await walletAtTerminal(read.asked.said, new AbortController().signal)).toBe(0);
  expect(await readdir(folder)).toEqual(['seen']);
  await rm(home, { recursive: true });
});
