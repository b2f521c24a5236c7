import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { answerLock } from '../../../src-main/vault/locked/answer-lock.ts';
import { isKeystore, parseKeystore } from '../../../src-main/vault/locked/keystore-form.ts';
import { openBrought } from '../../../src-main/vault/locked/lock.ts';
import { knownKeys } from '../../locks/known-keys.ts';
import { runs } from '../../runs.ts';
import {
  derivedKeystore,
  EXPORT_PASSWORD,
  type Exported,
  edwardsKeystore,
  keystore,
} from './exported-files.ts';
import { ADDRESS, PLAIN } from './locked-files.ts';

const PATH = '/a/account.json';
const phrase: string = JSON.parse(PLAIN).secretPhrase;
const { signal } = new AbortController();
const utf8 = (text: string) => new TextEncoder().encode(text);

/** As another wallet's library writes it without a password. */
let open: Exported;
beforeAll(async () => {
  await cryptoWaitReady();
  open = written(42);
});
const written = (ss58Format: number) =>
  new Keyring({ type: 'sr25519', ss58Format }).createFromUri(phrase).toJson() as unknown as Exported;

const bytes = (file: unknown) => utf8(JSON.stringify(file));
const opened = async (file: unknown, password = EXPORT_PASSWORD) => {
  const { address } = await openBrought(PATH, bytes(file), utf8(password), signal);
  return address;
};
/** What its thread answers, without one. */
const answerTo = (file: unknown) =>
  answerLock({ kind: 'brought', path: PATH, file: bytes(file), password: utf8(EXPORT_PASSWORD) }, knownKeys);
/** The file with some bytes of what it holds changed. */
function changed(file: Exported, change: (held: Buffer) => Buffer): Exported {
  return { ...file, encoded: change(Buffer.from(file.encoded, 'base64')).toString('base64') };
}

describe('a JSON keystore of another wallet', () => {
  it('opens to its account, also one that was derived from a phrase by a path', async () => {
    expect(await opened(keystore)).toBe(ADDRESS);
    expect(await opened(derivedKeystore)).toBe(derivedKeystore.address);
  });

  it('opens without a password where it has none, and is known for one either way', async () => {
    expect(await opened(open, '')).toBe(ADDRESS);
    expect([keystore, open, edwardsKeystore].map((file) => isKeystore(bytes(file)))).toEqual([
      true,
      true,
      true,
    ]);
    expect(isKeystore(utf8(PLAIN))).toBe(false);
  });

  it('of an account whose address is written for another network is the same account', async () => {
    expect(await opened(written(0), '')).toBe(ADDRESS);
  });

  it('tells a wrong password, which is taken as it was typed', async () => {
    await expect(opened(keystore, `${EXPORT_PASSWORD} `)).rejects.toMatchObject({
      code: 'KEY_PASSWORD_WRONG',
    });
    await expect(opened(keystore, '')).rejects.toMatchObject({ code: 'KEY_PASSWORD_WRONG' });
  });

  it.each<[string, () => unknown, string]>([
    ['cut short', () => changed(keystore, (held) => held.subarray(0, 90)), 'KEY_FILE_CORRUPT'],
    [
      'with a byte too many',
      () => changed(keystore, (held) => Buffer.concat([held, held.subarray(0, 1)])),
      'KEY_FILE_CORRUPT',
    ],
    ['that is no base64', () => ({ ...keystore, encoded: `${keystore.encoded}!` }), 'KEY_FILE_CORRUPT'],
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
    ['with another address', () => ({ ...open, address: derivedKeystore.address }), 'KEY_FILE_CONTRADICTS'],
    ['with a mistyped address', () => ({ ...open, address: `${ADDRESS}1` }), 'KEY_FILE_CONTRADICTS'],
    ['of another kind of account', () => edwardsKeystore, 'KEYSTORE_KIND'],
    [
      'of an old version',
      () => ({ ...keystore, encoding: { ...keystore.encoding, version: '2' } }),
      'KEYSTORE_OLD',
    ],
    [
      'of many accounts',
      () => ({ ...keystore, accounts: [], encoding: { ...keystore.encoding, content: ['batch-pkcs8'] } }),
      'KEYSTORE_BATCH',
    ],
    [
      'locked in an unknown way',
      () => ({ ...keystore, encoding: { ...keystore.encoding, type: ['rot13'] } }),
      'KEY_FILE_CORRUPT',
    ],
  ])('%s is refused with its reason', async (_what, file, code) => {
    expect(await answerTo(file())).toMatchObject({
      kind: 'refused',
      error: { code, params: { path: PATH } },
    });
  });

  function costing(N: number, p: number, r: number): Exported {
    return changed(keystore, (held) => {
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
      { numRuns: runs(500) },
    );
  });
});
