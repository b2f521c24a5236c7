import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountText } from '../../../src-main/vault/account-text.ts';
import { openBrought } from '../../../src-main/vault/locked/lock.ts';
import { readBrought } from '../../../src-main/vault/wallets/import-file.ts';
import { importFolder } from '../../../src-main/vault/wallets/import-folder.ts';
import { readWallets } from '../../../src-main/vault/wallets/read-wallets.ts';
import { BROUGHT_BYTES_MAX } from '../../../src-shared/brought.ts';
import { EXPORT_PASSWORD, keystore } from './exported-files.ts';
import { ADDRESS, ansible, nacl, PASSWORD, PLAIN } from './locked-files.ts';

const { signal } = new AbortController();
const utf8 = (text: string) => new TextEncoder().encode(text);
const OTHER = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
const { secretPhrase, secretSeed, privateKey }: Record<string, string> = JSON.parse(PLAIN);
let home: string;
let root: string;
let from: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'butterfly-import-'));
  [root, from] = [join(home, 'wallets'), join(home, 'stick', 'old')];
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(from, path, '..'), { recursive: true });
  await writeFile(join(from, path), content);
}
const publicText = (ss58Address: string) => JSON.stringify({ ss58Address });
const brought = (name: string, password: string | null = null) =>
  importFolder(root, { name, from, password: password === null ? null : utf8(password) }, signal);

describe('a wallet’s folder from elsewhere', () => {
  it('is copied as it is, under the password that it has', async () => {
    await put('coldkey', nacl);
    await put('coldkeypub.txt', publicText(ADDRESS));
    await put('hotkeys/default', PLAIN);
    await put('hotkeys/farpub.txt', publicText(OTHER));
    await put('notes.txt', 'nobody asked for these');
    expect(await brought('mine', PASSWORD)).toEqual({
      path: join(root, 'mine'),
      coldkey: ADDRESS,
      hotkeys: ['default', 'far'],
    });
    expect(await readWallets(root)).toMatchObject([
      {
        name: 'mine',
        coldkey: { kind: 'locked', address: ADDRESS, fault: null },
        hotkeys: [
          { name: 'default', kind: 'open', address: ADDRESS, fault: null },
          { name: 'far', kind: 'absent', address: OTHER, fault: null },
        ],
      },
    ]);
    const copy = join(root, 'mine', 'coldkey');
    expect(new Uint8Array(await readFile(copy))).toEqual(nacl);
    if (process.platform !== 'win32') expect((await stat(copy)).mode & 0o777).toBe(0o600);
    expect((await readdir(join(root, 'mine'))).sort()).toEqual(['coldkey', 'coldkeypub.txt', 'hotkeys']);
    // The folder it came from is as it was.
    expect((await readdir(from)).sort()).toEqual(['coldkey', 'coldkeypub.txt', 'hotkeys', 'notes.txt']);
  });

  it('is given the public file that it had not, once its password has said whose it is', async () => {
    await put('coldkey', nacl);
    expect(await brought('mine', PASSWORD)).toMatchObject({ coldkey: ADDRESS });
    expect((await readWallets(root))[0]?.coldkey).toMatchObject({ kind: 'locked', address: ADDRESS });
  });

  it('with hotkeys alone, or an address alone, is a wallet', async () => {
    await put('hotkeys/default', PLAIN);
    expect(await brought('rig')).toMatchObject({ coldkey: null, hotkeys: ['default'] });
    await rm(join(from, 'hotkeys'), { recursive: true });
    await put('coldkeypub.txt', publicText(OTHER));
    expect(await brought('watched')).toMatchObject({ coldkey: OTHER, hotkeys: [] });
    expect((await readWallets(root)).map(({ name }) => name)).toEqual(['rig', 'watched']);
  });

  const contradicting = (part: string, value: string) =>
    JSON.stringify({ ...JSON.parse(PLAIN), [part]: value });
  const otherPhrase = 'legal winner thank year wave sausage worth useful legal winner thank yellow';
  it.each<[string, () => Promise<void>, string]>([
    [
      'that holds nothing',
      () => mkdir(from, { recursive: true }).then(() => undefined),
      'WALLET_FOLDER_EMPTY',
    ],
    ['that is not there', async () => undefined, 'WALLET_FOLDER_EMPTY'],
    [
      'whose phrase is another account’s',
      () => put('coldkey', contradicting('secretPhrase', otherPhrase)),
      'KEY_FILE_CONTRADICTS',
    ],
    [
      'whose address is another account’s',
      () => put('coldkey', contradicting('ss58Address', OTHER)),
      'KEY_FILE_CONTRADICTS',
    ],
    [
      'whose seed is another account’s',
      () => put('coldkey', contradicting('secretSeed', `0x${'11'.repeat(32)}`)),
      'KEY_FILE_CONTRADICTS',
    ],
    [
      'with a broken hotkey',
      async () => {
        await put('coldkey', PLAIN);
        await put('hotkeys/h', '{');
      },
      'KEY_FILE_CORRUPT',
    ],
    [
      'whose public file names another',
      async () => {
        await put('coldkey', PLAIN);
        await put('coldkeypub.txt', publicText(OTHER));
      },
      'KEY_FILE_CONTRADICTS',
    ],
    [
      'that its password opens to another than its public file names',
      async () => {
        await put('coldkey', nacl);
        await put('coldkeypub.txt', publicText(OTHER));
      },
      'KEY_FILE_CONTRADICTS',
    ],
  ])('%s is not taken, and nothing is written', async (_what, make, code) => {
    await make();
    await expect(brought('mine', PASSWORD)).rejects.toMatchObject({ code });
    expect(await readdir(root).catch(() => [])).toEqual([]);
  });

  it('is not taken with a wrong password, nor over a wallet of that name', async () => {
    await put('coldkey', nacl);
    await expect(brought('mine', 'Test-Password-39')).rejects.toMatchObject({ code: 'KEY_PASSWORD_WRONG' });
    await mkdir(join(root, 'mine'), { recursive: true });
    await writeFile(join(root, 'mine', 'coldkey'), 'somebody’s');
    await expect(brought('mine')).rejects.toMatchObject({ code: 'WALLET_EXISTS' });
    expect(await readFile(join(root, 'mine', 'coldkey'), 'utf8')).toBe('somebody’s');
    expect(await readdir(root)).toEqual(['mine']);
  });

  it.skipIf(process.platform === 'win32')('is copied where it is a link, not linked to', async () => {
    await put('real', PLAIN);
    await symlink(join(from, 'real'), join(from, 'coldkey'));
    await brought('mine');
    await rm(from, { recursive: true });
    expect((await readWallets(root))[0]?.coldkey).toMatchObject({ kind: 'open', address: ADDRESS });
  });
});

describe('a file that holds an account', () => {
  const backupOf = async (content: string | Uint8Array, password = '') => {
    await put('file.json', content);
    const { path, bytes } = await readBrought(join(from, 'file.json'));
    return (await openBrought(path, bytes, utf8(password), signal)).text;
  };

  it('gives the words that it has, else its seed, else its private key', async () => {
    const file = (parts: object) => JSON.stringify({ ...JSON.parse(PLAIN), ...parts });
    expect(await backupOf(PLAIN)).toBe(secretPhrase);
    expect(await backupOf(file({ secretPhrase: null }))).toBe(secretSeed);
    expect(await backupOf(file({ secretPhrase: null, secretSeed: null }))).toBe(privateKey);
  });

  it('under a password of its own gives its seed behind that', async () => {
    expect(await backupOf(ansible, PASSWORD)).toBe(secretSeed);
    await expect(backupOf(ansible, 'Test-Password-39')).rejects.toMatchObject({ code: 'KEY_PASSWORD_WRONG' });
    await expect(backupOf(ansible.subarray(0, 90), PASSWORD)).rejects.toMatchObject({
      code: 'KEY_FILE_CORRUPT',
    });
  });

  it('of another wallet gives its private key, behind the password that it has', async () => {
    await cryptoWaitReady();
    const pair = new Keyring({ type: 'sr25519' }).createFromUri(secretPhrase ?? '');
    const exported = JSON.stringify(keystore);
    await put('account.json', exported);
    expect((await readBrought(join(from, 'account.json'))).isLocked).toBe(true);
    expect(await backupOf(exported, EXPORT_PASSWORD)).toBe(privateKey);
    expect(accountText(await backupOf(JSON.stringify(pair.toJson()))).address).toBe(ADDRESS);
  });

  it.each<[string, () => string | Uint8Array, string]>([
    ['names an account alone', () => publicText(ADDRESS), 'KEY_FILE_PUBLIC'],
    ['is one of these, cut short', () => PLAIN.slice(0, -9), 'KEY_FILE_CORRUPT'],
    ['is none of these', () => 'words', 'KEY_FILE_FOREIGN'],
    ['is empty', () => '', 'KEY_FILE_FOREIGN'],
    ['is too long', () => ' '.repeat(BROUGHT_BYTES_MAX + 1), 'KEY_FILE_TOO_LONG'],
  ])('and %s is refused with its reason', async (_what, content, code) => {
    await expect(backupOf(content())).rejects.toMatchObject({ code });
  });

  it('and is not there, or is a folder, is told', async () => {
    await expect(readBrought(join(home, 'absent'))).rejects.toMatchObject({ code: 'KEY_FILE_ABSENT' });
    await expect(readBrought(home)).rejects.toMatchObject({ code: 'KEY_FILE_CORRUPT' });
  });
});
