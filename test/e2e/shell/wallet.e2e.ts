import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readWallets } from '../../../src-main/vault/wallets/read-wallets.ts';
import { atTerminal } from './at-terminal.ts';

const PASSWORD = 'pass wörd 38';
let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'butterfly-wallet-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

it.skipIf(process.platform !== 'linux')(
  'makes a wallet at a terminal: no secret stays on the screen',
  async () => {
    const terminal = atTerminal(['wallet', '--create', 'mine', '--folder', root]);
    await terminal.read(/Password for the coldkey[^:]*:/);
    terminal.press(`${PASSWORD}\r`);
    await terminal.read(/The same once more:/);
    terminal.press(`${PASSWORD}\r`);
    await terminal.read(/Press Enter when you have them/);
    const words = new Map([...terminal.said().matchAll(/(\d+) ([a-z]+)/g)].map(([, at, word]) => [at, word]));
    expect(words.size).toBeGreaterThanOrEqual(12);
    terminal.press('\r');
    for (let quiz = 0; quiz < 3; quiz++) {
      const [, at = ''] = await terminal.read(/Word (\d+):/);
      terminal.press(`${words.get(at)}\r`);
      await terminal.read(new RegExp(words.get(at) ?? 'a word'));
    }
    expect(await terminal.ended).toBe(0);
    const [made] = await readWallets(root);
    expect(terminal.said()).toContain(made?.coldkey.address ?? 'an address');
    expect(terminal.said()).not.toContain(PASSWORD);
    // The screen was cleared behind the words, with what can be scrolled back to.
    expect(terminal.said().split('\u001b[3J').at(-1)).not.toMatch(/1 [a-z]{3,} +2 [a-z]{3,}/);
    expect((await readFile(join(root, 'mine', 'coldkey'))).subarray(0, 5).toString()).toBe('$NACL');
  },
);

it.skipIf(process.platform !== 'linux')('that is left by Ctrl+C has made nothing', async () => {
  const terminal = atTerminal(['wallet', '--create', 'mine', '--folder', root]);
  await terminal.read(/Password for the coldkey[^:]*:/);
  terminal.press('\u0003');
  expect(await terminal.ended).not.toBe(0);
  expect(await readWallets(root)).toEqual([]);
});
