import { sr25519PairFromSeed } from '@polkadot/util-crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountText } from '../../../src-main/vault/account-text.ts';
import { parseKeyFile } from '../../../src-main/vault/key-file.ts';
import { plainBackup } from '../../../src-main/vault/phrase.ts';
import {
  canonicalOf,
  pairOfCanonical,
  pairOfExpanded,
  pairOfPrivateKey,
} from '../../../src-main/vault/private-key.ts';
import { addressOf } from '../../../src-shared/rounds/ss58.ts';
import { ss58 } from '../../../src-shared/units.ts';
import { runs } from '../../runs.ts';
import { ADDRESS, PLAIN } from './locked-files.ts';

const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`;
const bytes = (text: string) => Uint8Array.from(Buffer.from(text.slice(2), 'hex'));
const { privateKey, secretSeed }: Record<'privateKey' | 'secretSeed', string> = JSON.parse(PLAIN);
const CANONICAL = bytes(privateKey);
const EXPANDED = sr25519PairFromSeed(bytes(secretSeed)).secretKey;
const OTHER = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
/** 2^252 + 27742317777372353535851937790883648493, low byte first. */
const ORDER = bytes(`0x${'edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010'}`);

describe('a private key', () => {
  it('of either form is that of its account, and signs the same', () => {
    for (const form of [CANONICAL, EXPANDED]) {
      const pair = pairOfPrivateKey(form, null);
      expect(addressOf(pair.publicKey)).toBe(ADDRESS);
      expect(hex(pair.secretKey)).toBe(hex(EXPANDED));
      expect(hex(canonicalOf(pair))).toBe(privateKey);
    }
  });

  it.each(['a private key in capitals without 0x', 'a private key with blanks around it'])(
    '%s is read as written',
    (what) => {
      const typed = what.includes('capitals') ? privateKey.slice(2).toUpperCase() : ` ${privateKey}\n`;
      expect(accountText(plainBackup(typed)).address).toBe(ADDRESS);
    },
  );

  it('is written without words or a seed, which nobody knows of it, and opens to its account', () => {
    const { secret } = accountText(plainBackup(hex(EXPANDED)));
    expect(JSON.parse(secret)).toMatchObject({ privateKey, ss58Address: ADDRESS });
    expect(Object.keys(JSON.parse(secret)).sort()).toEqual([
      'accountId',
      'privateKey',
      'publicKey',
      'ss58Address',
    ]);
    expect(addressOf(parseKeyFile('/k', secret).publicKey)).toBe(ADDRESS);
  });

  it('in a file is read in the form that fits the account which the file names', () => {
    const file = { ...JSON.parse(PLAIN), secretPhrase: null, secretSeed: null, privateKey: hex(EXPANDED) };
    expect(addressOf(parseKeyFile('/k', JSON.stringify(file)).publicKey)).toBe(ADDRESS);
  });

  it('of another account than was said is told as such', () => {
    const read = () => pairOfPrivateKey(CANONICAL, OTHER);
    expect(read).toThrow(expect.objectContaining({ code: 'KEY_PRIVATE_OTHER' }));
  });

  it.each<[string, Uint8Array]>([
    ['zero', new Uint8Array(64)],
    ['the order of the group', Uint8Array.from([...ORDER, ...new Uint8Array(32)])],
    ['all ones', new Uint8Array(64).fill(255)],
    ['63 bytes', CANONICAL.subarray(0, 63)],
    ['65 bytes', Uint8Array.from([...CANONICAL, 0])],
  ])('is not %s', (_what, wrong) => {
    expect(() => pairOfPrivateKey(wrong, null)).toThrow(
      expect.objectContaining({ code: 'KEY_PRIVATE_INVALID' }),
    );
    expect(() => pairOfExpanded(wrong)).toThrow(RangeError);
    expect(() => pairOfCanonical(wrong)).toThrow(RangeError);
  });

  it('of any seed goes from form to form and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => {
        const { publicKey, secretKey } = sr25519PairFromSeed(seed);
        const account = addressOf(publicKey);
        const canonical = canonicalOf({ publicKey, secretKey });
        for (const form of [canonical, secretKey])
          for (const known of [account, null])
            expect(addressOf(pairOfPrivateKey(form, known).publicKey)).toBe(account);
      }),
      { numRuns: runs(25) },
    );
  });
});
