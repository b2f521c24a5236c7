import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeAddress } from '@polkadot/util-crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newPhrase } from '../../../src-main/vault/account-text.ts';
import { parseKeyFile } from '../../../src-main/vault/key-file.ts';
import { openLocked } from '../../../src-main/vault/locked/lock.ts';
import { createWallet } from '../../../src-main/vault/wallets/create-wallet.ts';
import { readWallets } from '../../../src-main/vault/wallets/read-wallets.ts';
import { ADDRESS, nacl, PLAIN } from './locked-files.ts';

const { signal } = new AbortController();
const OTHER = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'butterfly-wallets-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function put(path: string, content: string | Uint8Array): Promise<void> {
  const whole = join(root, path);
  await mkdir(join(whole, '..'), { recursive: true });
  await writeFile(whole, content);
}
const publicText = (ss58Address: string) => JSON.stringify({ ss58Address });

describe('a wallet that is made', () => {
  it('opens with its password alone, and its hotkey without one', async () => {
    const [backup, password] = [newPhrase(24), new TextEncoder().encode('pass wörd')];
    const made = await createWallet(root, { name: 'mine', backup, password }, signal);
    const [wallet, ...others] = await readWallets(root);
    expect(others).toEqual([]);
    expect(wallet).toMatchObject({
      name: 'mine',
      coldkey: { kind: 'locked', lock: 'nacl', address: made.coldkey, fault: null },
      hotkeys: [{ name: 'default', kind: 'open', address: made.hotkey, fault: null }],
    });
    const path = join(root, 'mine', 'coldkey');
    const { publicKey } = await openLocked(path, await readFile(path), password, signal);
    expect(encodeAddress(publicKey, 42)).toBe(made.coldkey);
    expect(await readdir(root)).toEqual(['mine']);
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
    await expect(createWallet(root, { name: 'mine', backup, password }, signal)).rejects.toMatchObject({
      code: 'WALLET_EXISTS',
    });
    expect(await readWallets(root)).toEqual([wallet]);
    expect(await readdir(root)).toEqual(['mine']);
  });

  it('writes each secret as a wallet elsewhere would derive it', async () => {
    const { accountText } = await import('../../../src-main/vault/account-text.ts');
    const { secretPhrase, ...parts } = JSON.parse(PLAIN);
    expect(JSON.parse(accountText(secretPhrase).secret)).toEqual({ secretPhrase, ...parts });
    // Every part is derived again by the reader.
    expect(() => parseKeyFile('', accountText(secretPhrase).secret)).not.toThrow();
  });

  it.each(['', '.hidden', '../up', 'a/b', 'con\u0000', 'a'.repeat(65), 'mine-pub.txt'])(
    'is not called “%s”',
    async (name) => {
      const password = new Uint8Array([1]);
      await expect(
        createWallet(root, { name, backup: newPhrase(12), password }, signal),
      ).rejects.toMatchObject({
        code: 'WALLET_NAME_INVALID',
      });
      expect(await readdir(root)).toEqual([]);
    },
  );
});

describe('wallets that are found', () => {
  it('are none where there is no folder', async () => {
    expect(await readWallets(join(root, 'absent'))).toEqual([]);
  });

  it('show a coldkey that lies on another computer, and one whose hotkey does', async () => {
    await put('rig/coldkeypub.txt', publicText(ADDRESS));
    await put('rig/hotkeys/default', PLAIN);
    await put('rig/hotkeys/farpub.txt', publicText(OTHER));
    expect(await readWallets(root)).toMatchObject([
      {
        coldkey: { kind: 'absent', address: ADDRESS, fault: null },
        hotkeys: [
          { name: 'default', kind: 'open', address: ADDRESS },
          { name: 'far', kind: 'absent', address: OTHER },
        ],
      },
    ]);
  });

  it('are hidden by no broken one, which says what is wrong with it', async () => {
    await put('a/coldkey', '{"secretSeed": 5}');
    await put('b/coldkey', nacl);
    await put('b/hotkeys/broken', 'no json');
    await put('b/hotkeys/default', PLAIN);
    await put('c/coldkeypub.txt', publicText(OTHER.replace(/Y$/, 'Z')));
    await put('notes.txt', 'no wallet');
    await mkdir(join(root, 'empty'));
    const found = await readWallets(root);
    expect(found).toMatchObject([
      { name: 'a', coldkey: { kind: 'broken', fault: { code: 'KEY_FILE_CORRUPT' } } },
      {
        name: 'b',
        coldkey: { kind: 'locked', address: null },
        hotkeys: [
          { name: 'broken', kind: 'broken', fault: { code: 'KEY_FILE_CORRUPT' } },
          { name: 'default', kind: 'open', address: ADDRESS, fault: null },
        ],
      },
      { name: 'c', coldkey: { kind: 'absent', address: null, fault: { code: 'KEY_FILE_CORRUPT' } } },
    ]);
  });

  it('tell of a public file that names another account than the key', async () => {
    await put('w/coldkey', PLAIN);
    await put('w/coldkeypub.txt', publicText(OTHER));
    await put('w/hotkeys/h', PLAIN);
    await put(
      'w/hotkeys/hpub.txt',
      JSON.stringify({ publicKey: `0x${'11'.repeat(32)}`, ss58Address: OTHER }),
    );
    const fault = { code: 'KEY_FILE_CONTRADICTS' };
    expect(await readWallets(root)).toMatchObject([
      {
        coldkey: { kind: 'open', address: ADDRESS, fault },
        hotkeys: [{ kind: 'open', address: ADDRESS, fault }],
      },
    ]);
  });
});
