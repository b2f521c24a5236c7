import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { isKeystore, parseKeystore } from '../../../src-main/vault/locked/keystore-form.ts';
import { openExported } from '../../../src-main/vault/locked/lock.ts';
import { addressOf } from '../../../src-shared/rounds/ss58.ts';
import { ADDRESS, PLAIN } from './locked-files.ts';

const PASSWORD = 'pass wörd 38';
const PATH = '/a/account.json';
const phrase: string = JSON.parse(PLAIN).secretPhrase;
const { signal } = new AbortController();
const utf8 = (text: string) => new TextEncoder().encode(text);
/** Passwords become keys, on a machine that does much else. */
const KEYS_MS = 180_000;

interface Exported {
  encoded: string;
  encoding: { content: string[]; type: string[]; version: string };
  address: string;
}
/** As another wallet's library writes them. */
let locked: Exported;
let open: Exported;
let derived: { readonly file: Exported; readonly address: string };
let edwards: Exported;
beforeAll(async () => {
  await cryptoWaitReady();
  const keyring = new Keyring({ type: 'sr25519', ss58Format: 42 });
  const write = (uri: string, password?: string) =>
    keyring.createFromUri(uri).toJson(password) as unknown as Exported;
  locked = write(phrase, PASSWORD);
  open = write(phrase);
  const soft = keyring.createFromUri(`${phrase}/soft//hard`);
  derived = { file: soft.toJson(PASSWORD) as unknown as Exported, address: soft.address };
  edwards = keyring.createFromUri(phrase, {}, 'ed25519').toJson(PASSWORD) as unknown as Exported;
}, KEYS_MS);

const bytes = (file: unknown) => utf8(JSON.stringify(file));
const opened = async (file: unknown, password = PASSWORD) => {
  const pair = await openExported(PATH, bytes(file), utf8(password), signal);
  return addressOf(pair.publicKey);
};
/** The file with some bytes of what it holds changed. */
function changed(file: Exported, change: (held: Buffer) => Buffer): Exported {
  return { ...file, encoded: change(Buffer.from(file.encoded, 'base64')).toString('base64') };
}

describe('a JSON keystore of another wallet', { timeout: KEYS_MS }, () => {
  it('opens to its account, also one that was derived from a phrase by a path', async () => {
    expect(await opened(locked)).toBe(ADDRESS);
    expect(await opened(derived.file)).toBe(derived.address);
  });

  it('opens without a password where it has none, and is known for one either way', async () => {
    expect(await opened(open, '')).toBe(ADDRESS);
    expect([locked, open, edwards].map((file) => isKeystore(bytes(file)))).toEqual([true, true, true]);
    expect(isKeystore(utf8(PLAIN))).toBe(false);
  });

  it('of an account whose address is written for another network is the same account', async () => {
    const keyring = new Keyring({ type: 'sr25519', ss58Format: 0 });
    expect(await opened(keyring.createFromUri(phrase).toJson(PASSWORD))).toBe(ADDRESS);
  });

  it('tells a wrong password, which is taken as it was typed', async () => {
    await expect(opened(locked, `${PASSWORD} `)).rejects.toMatchObject({ code: 'KEY_PASSWORD_WRONG' });
    await expect(opened(locked, '')).rejects.toMatchObject({ code: 'KEY_PASSWORD_WRONG' });
  });

  it.each<[string, () => unknown, string]>([
    ['cut short', () => changed(locked, (held) => held.subarray(0, 90)), 'KEY_FILE_CORRUPT'],
    [
      'with a byte too many',
      () => changed(locked, (held) => Buffer.concat([held, held.subarray(0, 1)])),
      'KEY_FILE_CORRUPT',
    ],
    ['that is no base64', () => ({ ...locked, encoded: `${locked.encoded}!` }), 'KEY_FILE_CORRUPT'],
    ['that asks for 128 GiB', () => costing(2 ** 27, 1, 8), 'KEY_FILE_CORRUPT'],
    ['that asks for no work at all', () => costing(0, 0, 0), 'KEY_FILE_CORRUPT'],
    ['that asks for a wide block', () => costing(2 ** 14, 1, 2 ** 30), 'KEY_FILE_CORRUPT'],
    [
      'open, with another head',
      () => changed(open, (held) => Buffer.from(held).fill(0, 0, 4)),
      'KEY_FILE_CORRUPT',
    ],
    [
      'open, with no scalar',
      () => changed(open, (held) => Buffer.from(held).fill(255, 16, 48)),
      'KEY_FILE_CORRUPT',
    ],
    [
      'open, with another public key',
      () => changed(open, (held) => Buffer.from(held).fill(1, 85)),
      'KEY_FILE_CONTRADICTS',
    ],
    ['with another address', () => ({ ...open, address: derived.address }), 'KEY_FILE_CONTRADICTS'],
    ['with a mistyped address', () => ({ ...open, address: `${ADDRESS}1` }), 'KEY_FILE_CONTRADICTS'],
    ['of another kind of account', () => edwards, 'KEYSTORE_KIND'],
    [
      'of an old version',
      () => ({ ...locked, encoding: { ...locked.encoding, version: '2' } }),
      'KEYSTORE_OLD',
    ],
    [
      'of many accounts',
      () => ({ ...locked, accounts: [], encoding: { ...locked.encoding, content: ['batch-pkcs8'] } }),
      'KEYSTORE_BATCH',
    ],
    [
      'locked in an unknown way',
      () => ({ ...locked, encoding: { ...locked.encoding, type: ['rot13'] } }),
      'KEY_FILE_CORRUPT',
    ],
  ])('%s is refused with its reason', async (_what, file, code) => {
    await expect(opened(file())).rejects.toMatchObject({ code, params: { path: PATH } });
  });

  function costing(N: number, p: number, r: number): Exported {
    return changed(locked, (held) => {
      const copy = Buffer.from(held);
      [N, p, r].forEach((value, at) => void copy.writeUInt32LE(value, 32 + 4 * at));
      return copy;
    });
  }

  it('of any shape is read or refused in our words', () => {
    const part = fc.oneof(fc.string(), fc.constant('3'), fc.constant('pkcs8'), fc.constant('sr25519'));
    const shape = fc.record({
      encoded: part,
      encoding: fc.record({
        content: fc.oneof(part, fc.array(part)),
        type: fc.oneof(part, fc.array(part)),
        version: fc.oneof(part, fc.integer()),
      }),
      address: fc.oneof(part, fc.constant(null), fc.bigInt().map(String)),
    });
    fc.assert(
      fc.property(fc.oneof(shape, fc.anything(), fc.jsonValue()), (any) => {
        let text: string | undefined;
        try {
          text = JSON.stringify(any);
        } catch {}
        if (text === undefined) return;
        try {
          parseKeystore(PATH, utf8(text));
        } catch (thrown) {
          expect((thrown as { code?: string }).code).toMatch(/^KEY(?:STORE|_FILE)_/);
        }
      }),
      { numRuns: 500, seed: 38 },
    );
  });
});
