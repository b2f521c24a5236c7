import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { blake2AsU8a, sr25519Verify } from '@polkadot/util-crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensurePeerKey, PeerKey } from '../../../src-main/vault/peer-key.ts';
import { openVault } from '../../../src-main/vault/vault.ts';
import { bindingFault, parseBinding } from '../../../src-shared/rounds/binding.ts';
import { isTextOf, readSignedText } from '../../../src-shared/rounds/signed-text.ts';
import { publicKeyOf } from '../../../src-shared/rounds/ss58.ts';
import { hex } from '../../../src-shared/units.ts';

const calls = () =>
  new Map([
    ['SubtensorModule.set_weights', '0700'],
    ['SubtensorModule.burned_register', '0707'],
    ['SubtensorModule.add_stake_limit', '0758'],
    ['Commitments.set_commitment', '1200'],
    ['Balances.transfer_keep_alive', '0503'],
  ]);
const payload = (index: string, length = 120) => {
  const bytes = new Uint8Array(length).fill(3);
  bytes.set(Buffer.from(index, 'hex'));
  return bytes;
};
const genesisHash = hex('ab'.repeat(32));
const bindingFields = { netuid: 38, genesisHash, notBefore: 1_700_000_000, notAfter: 1_700_086_400, seq: 4 };

describe('the vault', () => {
  let dir: string;
  const peerKey = new PeerKey(new Uint8Array(32).fill(7));
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'butterfly-vault-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('creates a key once and finds the same one at the next start', async () => {
    const first = openVault({ dir });
    const address = await first.ensureHotkey('miner');
    const second = openVault({ dir });
    expect(await second.ensureHotkey('miner')).toBe(address);
    expect(second.addressOf('miner')).toBe(address);
    expect(publicKeyOf(address)).toHaveLength(32);
  });

  it('makes one key where two ask for the same name at once', async () => {
    const [one, two] = [openVault({ dir }), openVault({ dir })];
    const addresses = await Promise.all([
      one.ensureHotkey('a'),
      one.ensureHotkey('a'),
      two.ensureHotkey('a'),
    ]);
    expect(new Set(addresses).size).toBe(1);
  });

  it.skipIf(process.platform === 'win32')('keeps files and folders for their owner alone', async () => {
    const vault = openVault({ dir: join(dir, 'keys') });
    await vault.ensureHotkey('miner');
    await vault.ensurePracticeColdkey('coldkey');
    const mode = async (...path: string[]) => (await stat(join(dir, 'keys', ...path))).mode & 0o777;
    expect(await mode('hotkeys')).toBe(0o700);
    expect(await mode('hotkeys', 'miner.json')).toBe(0o600);
    expect(await mode('practice-coldkeys', 'coldkey.json')).toBe(0o600);
    expect(await readdir(join(dir, 'keys', 'hotkeys'))).toEqual(['miner.json']);
  });

  it('writes the layout that wallets of this field read: strings only', async () => {
    const vault = openVault({ dir });
    const address = await vault.ensureHotkey('miner');
    const file = JSON.parse(await readFile(join(dir, 'hotkeys', 'miner.json'), 'utf8'));
    expect(Object.keys(file).sort()).toEqual([
      'accountId',
      'privateKey',
      'publicKey',
      'secretPhrase',
      'secretSeed',
      'ss58Address',
    ]);
    expect(Object.values(file).every((value) => typeof value === 'string')).toBe(true);
    expect(file.ss58Address).toBe(address);
    expect(file.secretPhrase.split(' ')).toHaveLength(12);
  });

  describe.each([
    ['cut short', (text: string) => text.slice(0, 40)],
    ['empty', () => ''],
    ['longer than any key', (text: string) => text + ' '.repeat(5_000)],
  ])('a key file that is %s', (_name, spoil) => {
    it('is reported and stays as it is', async () => {
      const path = join(dir, 'hotkeys', 'miner.json');
      await openVault({ dir }).ensureHotkey('miner');
      const spoilt = spoil(await readFile(path, 'utf8'));
      await writeFile(path, spoilt);
      const vault = openVault({ dir });
      await expect(vault.ensureHotkey('miner')).rejects.toMatchObject({
        code: 'KEY_FILE_CORRUPT',
        params: { path },
      });
      expect(await readFile(path, 'utf8')).toBe(spoilt);
      expect(() => vault.addressOf('miner')).toThrow(expect.objectContaining({ code: 'KEY_UNKNOWN' }));
    });
  });

  it('signs an allowed call so that the chain verifies it', async () => {
    const vault = openVault({ dir });
    const address = await vault.ensureHotkey('miner');
    const bytes = payload('0700');
    const signature = await vault.signer('miner', calls).sign(bytes);
    expect(sr25519Verify(bytes, signature, publicKeyOf(address) ?? '')).toBe(true);
  });

  it('signs the digest of a payload longer than 256 bytes', async () => {
    const vault = openVault({ dir });
    const address = await vault.ensureHotkey('miner');
    const bytes = payload('0700', 257);
    const signature = await vault.signer('miner', calls).sign(bytes);
    expect(sr25519Verify(blake2AsU8a(bytes, 256), signature, publicKeyOf(address) ?? '')).toBe(true);
  });

  it.each([
    ['hotkey', '0503', 'a transfer'],
    ['hotkey', '0707', 'a registration'],
    ['coldkey', '0700', 'weights'],
    ['coldkey', '0503', 'a transfer'],
    ['hotkey', '3c42', 'text of a signed message'],
  ])('does not let the %s sign call 0x%s, %s', async (name, index) => {
    const vault = openVault({ dir });
    await vault.ensureHotkey('hotkey');
    await vault.ensurePracticeColdkey('coldkey');
    await expect(vault.signer(name, calls).sign(payload(index))).rejects.toMatchObject({
      code: 'KEY_USE_REFUSED',
    });
  });

  it('signs nothing while the chain has not said where its calls are', async () => {
    const vault = openVault({ dir });
    await vault.ensureHotkey('hotkey');
    const signer = vault.signer('hotkey', () => new Map());
    await expect(signer.sign(payload('0700'))).rejects.toMatchObject({ code: 'KEY_USE_REFUSED' });
  });

  it('follows a call that an upgrade has moved', async () => {
    const vault = openVault({ dir });
    await vault.ensureHotkey('hotkey');
    let index = '0700';
    const signer = vault.signer('hotkey', () => new Map([['SubtensorModule.set_weights', index]]));
    index = '0900';
    await expect(signer.sign(payload('0700'))).rejects.toMatchObject({ code: 'KEY_USE_REFUSED' });
    expect(await signer.sign(payload('0900'))).toHaveLength(64);
  });

  it('does not sign what is too short to be a payload', async () => {
    const vault = openVault({ dir });
    await vault.ensureHotkey('hotkey');
    const signer = vault.signer('hotkey', calls);
    await expect(signer.sign(payload('0700', 64))).rejects.toMatchObject({ code: 'KEY_USE_REFUSED' });
  });

  it('binds a peer key to the hotkey', async () => {
    const vault = openVault({ dir });
    const address = await vault.ensureHotkey('miner');
    const binding = parseBinding(vault.signBinding('miner', peerKey, bindingFields));
    if (!binding) throw new Error('not a binding');
    expect(binding).toMatchObject({ ...bindingFields, hotkey: address, peerKey: peerKey.publicKey });
    const here = { netuid: 38, genesisHash, nowS: 1_700_000_100, skewS: 0 };
    expect(bindingFault(binding, here, (m, s, k) => sr25519Verify(m, s, k))).toBeNull();
    expect(bindingFault({ ...binding, seq: 5 }, here, (m, s, k) => sr25519Verify(m, s, k))).toBe('signature');
  });

  it('binds no peer to a coldkey and none for longer than a year and a bit', async () => {
    const vault = openVault({ dir });
    await vault.ensurePracticeColdkey('coldkey');
    await vault.ensureHotkey('miner');
    const forever = { ...bindingFields, notAfter: bindingFields.notBefore + 500 * 86_400 };
    const refused = expect.objectContaining({ code: 'KEY_USE_REFUSED' });
    expect(() => vault.signBinding('coldkey', peerKey, bindingFields)).toThrow(refused);
    expect(() => vault.signBinding('miner', peerKey, forever)).toThrow(refused);
  });

  it('signs texts of a hotkey, each for its kind and run, and none of a coldkey', async () => {
    const vault = openVault({ dir });
    const address = await vault.ensureHotkey('miner');
    await vault.ensurePracticeColdkey('coldkey');
    const of = { kind: 'scores', runTag: 'run' } as const;
    const signed = readSignedText(vault.signText('miner', of, '{"a":1}'))!;
    const holds = (over: object, text = signed.text) =>
      isTextOf({ ...signed, text }, address, { ...of, ...over }, (m, s, k) => sr25519Verify(m, s, k));
    expect(signed.text).toBe('{"a":1}');
    expect(holds({})).toBe(true);
    expect([holds({ kind: 'dispute' }), holds({ runTag: 'other' }), holds({}, '{"a":2}')]).toEqual([
      false,
      false,
      false,
    ]);
    expect(() => vault.signText('coldkey', of, '')).toThrow(
      expect.objectContaining({ code: 'KEY_USE_REFUSED' }),
    );
  });

  it('does not give one name to two kinds of key', async () => {
    const vault = openVault({ dir });
    await vault.ensureHotkey('same');
    await expect(vault.ensurePracticeColdkey('same')).rejects.toMatchObject({ code: 'KEY_USE_REFUSED' });
  });

  it.each(['../out', 'A', '', 'a/b', 'a'.repeat(33)])('does not take %j for a name', async (name) => {
    const vault = openVault({ dir });
    await expect(vault.ensureHotkey(name)).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
  });

  it('shows no secret in any object, copy or error', async () => {
    const vault = openVault({ dir });
    await vault.ensureHotkey('miner');
    await vault.ensurePracticeColdkey('coldkey');
    const peer = await ensurePeerKey(dir);
    const signer = vault.signer('miner', calls);
    const errors: unknown[] = [];
    const path = join(dir, 'hotkeys', 'miner.json');
    const whole = await readFile(path, 'utf8');
    const secrets = [...(await secretsIn(dir)), Buffer.from(peer.seed).toString('base64')];
    // The file's own text is what a parser's message would quote.
    for (const spoilt of [
      whole.replace('{', ''),
      whole.replace(/"5\w+"/, '"5x"'),
      whole.replace('0x', 'zz'),
    ]) {
      await writeFile(path, spoilt);
      await openVault({ dir })
        .ensureHotkey('miner')
        .catch((error) => errors.push(error));
    }
    await signer.sign(payload('0503')).catch((error) => errors.push(error));
    expect(errors).toHaveLength(4);
    const shown = [vault, peer, { ...peer }, signer, ...errors].flatMap((thing) => [
      inspect(thing, { depth: 9, showHidden: true, getters: false }),
      JSON.stringify(thing) ?? '',
      String(thing),
      thing instanceof Error ? `${thing.stack}${inspect(thing.cause)}` : '',
    ]);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(8);
      for (const text of shown) expect(text.includes(secret)).toBe(false);
    }
  });

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'says that the folder cannot be written',
    async () => {
      const locked = join(dir, 'locked');
      await mkdir(locked);
      await chmod(locked, 0o500);
      const vault = openVault({ dir: locked });
      await expect(vault.ensureHotkey('miner')).rejects.toMatchObject({ code: 'DATA_DIR_UNWRITABLE' });
      await chmod(locked, 0o700);
    },
  );
});

/** Every seed and phrase on disk, as text and as the bytes a careless inspection would print. */
async function secretsIn(dir: string): Promise<string[]> {
  const hotkey = JSON.parse(await readFile(join(dir, 'hotkeys', 'miner.json'), 'utf8'));
  const coldkey = JSON.parse(await readFile(join(dir, 'practice-coldkeys', 'coldkey.json'), 'utf8'));
  const peer = JSON.parse(await readFile(join(dir, 'vault', 'peer.json'), 'utf8'));
  const seeds = [hotkey.secretSeed.slice(2), coldkey.secretSeed.slice(2), peer.seed];
  const printed = seeds.map((seed) => [...Buffer.from(seed, 'hex')].slice(0, 8).join(', '));
  const phrases = [hotkey.secretPhrase, coldkey.secretPhrase].map((phrase) =>
    phrase.split(' ').slice(0, 3).join(' '),
  );
  return [...seeds.map((seed) => seed.slice(0, 16)), ...printed, ...phrases];
}
