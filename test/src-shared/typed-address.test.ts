import { encodeAddress } from '@polkadot/util-crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf, publicKeyOf, ss58Parts } from '../../src-shared/rounds/ss58.ts';
import { readAddress } from '../../src-shared/typed-address.ts';
import { runs } from '../runs.ts';

const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';

describe('an address that a person typed', () => {
  it.each([ALICE, ` ${ALICE}`, `${ALICE}\n`, `\t${ALICE} `])(
    '“%s” is taken, without what stands around it',
    (text) => {
      expect(readAddress(text)).toEqual({ address: ALICE });
    },
  );

  it.each<[string, string, object]>([
    ['nothing', '  ', { kind: 'empty' }],
    [
      'an address of prefix 0',
      '15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5',
      { kind: 'other-network', prefix: 0 },
    ],
    [
      'an address of prefix 2',
      'HNZata7iMYWmk5RvZRTiAsSDhV8366zq2YGb3tLH5Upf74F',
      { kind: 'other-network', prefix: 2 },
    ],
    [
      'an address of two prefix bytes',
      'bt7zDqc4kAcKZ6kWup5yyuvRAbeYPhXGxwXY4CguG476A9MCE',
      { kind: 'other-network', prefix: 13116 },
    ],
    ['another last letter', `${ALICE.slice(0, -1)}Z`, { kind: 'mistyped' }],
    ['two letters swapped', `${ALICE.slice(0, -4)}tuQY`, { kind: 'mistyped' }],
    ['a letter that base58 leaves out', ALICE.replace('G', '0'), { kind: 'mistyped' }],
    ['a letter too many', `${ALICE}Y`, { kind: 'mistyped' }],
    ['a letter too few', ALICE.slice(0, -1), { kind: 'mistyped' }],
    ['much text', ALICE.repeat(1_000), { kind: 'mistyped' }],
    ['a blank inside', `${ALICE.slice(0, 9)} ${ALICE.slice(9)}`, { kind: 'foreign-letter' }],
    ['a line’s end inside', `${ALICE.slice(0, 9)}\n${ALICE.slice(9)}`, { kind: 'foreign-letter' }],
    ['an invisible blank inside', `${ALICE.slice(0, 9)}\u200B${ALICE.slice(9)}`, { kind: 'foreign-letter' }],
    ['a look-alike letter', ALICE.replace('E', '\u0415'), { kind: 'foreign-letter' }],
    ['a public key', `0x${'d4'.repeat(32)}`, { kind: 'hex' }],
    ['an address of Ethereum', `0x${'d4'.repeat(20)}`, { kind: 'hex' }],
  ])('with %s is refused for that', (_what, text, fault) => {
    expect(readAddress(text)).toEqual({ fault });
  });

  it('is the one that another library writes, for any account and network', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.integer({ min: 0, max: 16_383 }).filter((prefix) => ![46, 47].includes(prefix)),
        (publicKey, prefix) => {
          const address = encodeAddress(publicKey, prefix);
          expect(ss58Parts(address)).toEqual({ prefix, publicKey });
          expect(publicKeyOf(addressOf(publicKey))).toEqual(publicKey);
          expect('address' in readAddress(address)).toBe(prefix === 42);
        },
      ),
      { numRuns: runs(500, 20_000) },
    );
  });

  it('with any one letter changed is refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 47 }), fc.constantFrom(...'123ABCxyz'), (at, letter) => {
        fc.pre(ALICE[at] !== letter);
        expect(readAddress(ALICE.slice(0, at) + letter + ALICE.slice(at + 1))).not.toHaveProperty('address');
      }),
      { numRuns: runs(300) },
    );
  });
});
