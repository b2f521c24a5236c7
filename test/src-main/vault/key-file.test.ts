import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { sr25519Verify } from '@polkadot/util-crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findKeys } from '../../../src-main/join/keys.ts';
import { HOTKEY } from '../../../src-main/vault/key-names.ts';
import { openVault } from '../../../src-main/vault/vault.ts';
import { publicKeyOf } from '../../../src-shared/rounds/ss58.ts';

/** One account as wallets of this field write it, the private key as scalar and nonce. */
const account = {
  accountId: '0x46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a',
  publicKey: '0x46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a',
  privateKey:
    '0x05d65584630d16cd4af6d0bec10f34bb504a5dcb62dba2122d49f5a663763d0afd190cce74df356432b410bd64682309d6dedb27c76845daf388557cbac3ca34',
  secretPhrase: 'bottom drive obey lake curtain smoke basket hold race lonely fit walk',
  secretSeed: '0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e',
  ss58Address: '5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV',
};
const { accountId, publicKey, privateKey, secretPhrase, secretSeed, ss58Address } = account;
/** Another account: of the well-known development phrase with the derivation //Alice. */
const other = {
  id: '0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d',
  address: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY',
  phrase: 'legal winner thank year wave sausage worth useful legal winner thank yellow',
};
const words24 = `${'abandon '.repeat(23)}art`;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'butterfly-keys-'));
  await mkdir(join(dir, 'hotkeys'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const put = (text: string, name = 'default') => writeFile(join(dir, 'hotkeys', name), text);
const everyFile = async (folder: string) =>
  (await readdir(folder, { recursive: true })).sort().map((name) => name.replaceAll('\\', '/'));

describe('a key file', () => {
  it.each<[string, object]>([
    ['as a wallet writes it', account],
    ['without a phrase', { ...account, secretPhrase: undefined }],
    ['with null for a phrase', { ...account, secretPhrase: null }],
    ['of a seed alone', { secretSeed }],
    ['of a private key alone', { privateKey }],
    ['of a phrase alone', { secretPhrase }],
    ['of a seed in upper case', { ...account, secretSeed: `0X${secretSeed.slice(2).toUpperCase()}` }],
    ['of a seed without 0x', { ...account, secretSeed: secretSeed.slice(2) }],
    ['whose public parts are in upper case', { ...account, publicKey: publicKey.toUpperCase(), accountId }],
    ['of a phrase with two blanks', { secretPhrase: ` ${secretPhrase.replaceAll(' ', '  ')} ` }],
    ['of a phrase in upper case', { secretPhrase: secretPhrase.toUpperCase() }],
  ])('%s opens to its account and signs for it', async (_title, file) => {
    await put(JSON.stringify(file));
    const { vault, hotkey } = await findKeys(dir);
    expect(hotkey).toBe(ss58Address);
    const payload = new Uint8Array(120).fill(3);
    payload.set([7, 0]);
    const signer = vault.signer(HOTKEY, () => new Map([['SubtensorModule.set_weights', '0700']]));
    const signature = await signer.sign(payload);
    expect(sr25519Verify(payload, signature, publicKeyOf(hotkey) ?? '')).toBe(true);
  });

  it('with a byte order mark or a phrase of 24 words opens', async () => {
    await put(`\uFEFF${JSON.stringify({ secretPhrase: words24 })}`);
    await expect(findKeys(dir)).resolves.toMatchObject({ coldkey: null });
  });

  it.each<[string, object, string, object]>([
    ['phrase', { secretPhrase: other.phrase }, 'KEY_FILE_CONTRADICTS', { part: 'secretPhrase' }],
    ['public key', { publicKey: other.id }, 'KEY_FILE_CONTRADICTS', { part: 'publicKey' }],
    ['account id', { accountId: other.id }, 'KEY_FILE_CONTRADICTS', { part: 'accountId' }],
    ['address', { ss58Address: other.address }, 'KEY_FILE_CONTRADICTS', { part: 'ss58Address' }],
    [
      'private key',
      { privateKey: privateKey.replace('0x05', '0x06') },
      'KEY_FILE_CONTRADICTS',
      { part: 'privateKey' },
    ],
    ['seed', { secretSeed: other.id }, 'KEY_FILE_CONTRADICTS', { part: 'secretPhrase' }],
    ['seed that is too short', { secretSeed: '0xfac7' }, 'KEY_FILE_CORRUPT', {}],
    ['private key beyond the curve', { privateKey: `0x${'ff'.repeat(64)}` }, 'KEY_FILE_CORRUPT', {}],
    ['number for a seed', { secretSeed: 7 }, 'KEY_FILE_CORRUPT', {}],
    [
      'wrong word',
      { secretPhrase: secretPhrase.replace('basket', 'baskets') },
      'KEY_PHRASE_WORD',
      { word: 7 },
    ],
    ['word too few', { secretPhrase: secretPhrase.replace(' walk', '') }, 'KEY_PHRASE_INVALID', {}],
    [
      'word in another place',
      { secretPhrase: secretPhrase.replace('fit walk', 'walk fit') },
      'KEY_PHRASE_INVALID',
      {},
    ],
    ['public half alone', { secretSeed: null, secretPhrase: null, privateKey: null }, 'KEY_FILE_PUBLIC', {}],
  ])(
    'with another %s is refused, left as it is, and told without a secret',
    async (_title, over, code, params) => {
      const text = JSON.stringify({ ...account, ...over });
      await put(text);
      const refused = await findKeys(dir).catch((error: unknown) => error);
      const path = join(dir, 'hotkeys', 'default');
      expect(refused).toMatchObject({ code, params: { path, ...params } });
      expect(await readFile(path, 'utf8')).toBe(text);
      for (const secret of [
        'bottom',
        'baskets',
        'legal winner',
        secretSeed.slice(2, 20),
        privateKey.slice(4, 24),
      ])
        expect(inspect(refused, { depth: 9 })).not.toContain(secret);
    },
  );

  it.each(['$NACLxyz', 'gAAAAABk', '$ANSIBLE_VAULT;1.1;AES256\n61'])(
    'that begins with %j is told to be locked',
    async (text) => {
      await put(text);
      await expect(findKeys(dir)).rejects.toMatchObject({ code: 'KEY_FILE_LOCKED' });
    },
  );
});

it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
  'a key file that may not be read is told as that, and not as damaged',
  async () => {
    await put(JSON.stringify(account));
    const path = join(dir, 'hotkeys', 'default');
    await chmod(path, 0o000);
    await expect(findKeys(dir)).rejects.toMatchObject({ code: 'FILE_UNREADABLE', params: { path } });
  },
);

describe('a wallet’s folder', () => {
  const good = JSON.stringify(account);

  it.each(['default', 'default.json', 'miner', 'my hotkey.json'])(
    'with the one hotkey %j has it',
    async (name) => {
      await put(good, name);
      await put(good, `${name}pub.txt`);
      await put('', '.DS_Store');
      await writeFile(join(dir, 'coldkeypub.txt'), JSON.stringify({ accountId, publicKey, ss58Address }));
      expect(await findKeys(dir)).toMatchObject({
        hotkey: ss58Address,
        coldkey: null,
        coldkeyFile: 'absent',
      });
    },
  );

  it('with several names them, and takes the file of one', async () => {
    await put(good, 'one');
    await put(good, 'two');
    const path = join(dir, 'hotkeys');
    await expect(findKeys(dir)).rejects.toMatchObject({
      code: 'HOTKEYS_SEVERAL',
      params: { path, names: 'one, two' },
    });
    expect(await findKeys(join(path, 'two'))).toMatchObject({ hotkey: ss58Address });
  });

  it('gives no coldkey away for a hotkey', async () => {
    const path = join(dir, 'coldkey');
    await writeFile(path, good);
    await expect(findKeys(path)).rejects.toMatchObject({
      code: 'KEYS_FOLDER_WITHOUT_KEYS',
      params: { path },
    });
  });

  it('with several and the wallet’s own default takes that', async () => {
    await put(good);
    await put('not looked at', 'second');
    expect(await findKeys(dir)).toMatchObject({ hotkey: ss58Address });
  });

  it('whose coldkey has a password mines without it and says so', async () => {
    await put(good);
    await writeFile(join(dir, 'coldkey'), '$NACL and what follows');
    expect(await findKeys(dir)).toMatchObject({ coldkey: null, coldkeyFile: 'locked' });
  });

  it.each(['', 'no such folder', 'hotkeys/default/below a file'])(
    'that is none (%j) is told, and stays as it is',
    async (below) => {
      await put(good, 'default');
      if (below === '') await rm(join(dir, 'hotkeys', 'default'));
      const before = await everyFile(dir);
      const path = join(dir, below);
      await expect(findKeys(path)).rejects.toMatchObject({
        code: 'KEYS_FOLDER_WITHOUT_KEYS',
        params: { path },
      });
      expect(await everyFile(dir)).toEqual(before);
    },
  );

  it('gets nothing written into it by who looks, so that it may be read-only and copied', async () => {
    await put(good);
    const before = await everyFile(dir);
    await findKeys(dir);
    expect(await everyFile(dir)).toEqual(before);
    const copy = join(dir, 'copy');
    await cp(join(dir, 'hotkeys'), join(copy, 'hotkeys'), { recursive: true });
    await chmod(join(copy, 'hotkeys'), 0o500);
    expect(await findKeys(copy)).toMatchObject({ hotkey: ss58Address });
    await chmod(join(copy, 'hotkeys'), 0o700);
  });

  it('that we made has both keys open', async () => {
    const vault = openVault({ dir: join(dir, 'own') });
    const hotkey = await vault.ensureHotkey(HOTKEY);
    const coldkey = await vault.ensurePracticeColdkey('default-coldkey');
    expect(await findKeys(join(dir, 'own'))).toMatchObject({ hotkey, coldkey, coldkeyFile: 'open' });
  });
});
