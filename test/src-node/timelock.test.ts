import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  beaconKeyOf,
  beaconSecretFrom,
  decryptTimelocked,
  encryptTimelocked,
  pulseOf,
} from '../../src-node/timelock.ts';
import { QUICKNET } from '../../src-shared/chain/timelock.ts';
import { runs } from '../runs.ts';

const quicknet = hexToBytes(QUICKNET.publicKey);
/** Round 1000 of quicknet, as the beacon published it. */
const PULSE_1000 = hexToBytes(
  'b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39',
);
/** What PyPI's bittensor-drand 2.0.0 wrote for `encrypt_at_round(..., 1000)`, less its own frame of length and round. */
const THEIRS = hexToBytes(
  '93b133ad7b057a332826777cb3ca39a9d3255ac9450e5f6a300f0b04280f5fe7d6ddbf765b1c0d29c34769401eaad618' +
    '05c8d5baa60fd01256028c4b135ca83961dc25d4d011453be911049db6614c2a72e653c252fb430f79bc2ad9e152b840' +
    '200000000000000072056d969981044515190046681bf4b7aba26d25dde4453861ba24c8efee913c' +
    '20000000000000008222363bfd7d43a0afc6b98c59099855c2ec90dc0c4b82e16f81973f98a26af0' +
    '4c00000000000000300000000000000035ce6c4f5c6919d549f079edcc0cadbb1e933bc1e5eabf71dc4dc5be151493446' +
    'c7246b158eaff2fc5ddbf69285793b80c0000000000000054050b10ffc6097773818c53' +
    '08000000000000004145535f47434d5f',
);
/** Ours, of known key, sigma and nonce: bittensor-drand's `decrypt_with_signature` made "ours" of it again. */
const OURS =
  'a9c76f928ca4dd77fe9e3205ae4b37dc293e1ac7a959f37a1e5356cd31f2089b8221bdf62ef7fa2a5124f55ac9dd2c1b' +
  '022c6ba55702f1b22b0ea77cbdfb03e6a053b2877af5f94c4aa032139e0f69506af71bb1dde18ad5bceeae2b267147ca' +
  '20000000000000006ff188709edd5e47fd069b6b1acaebce16df0e2957ef3685f3ac6184d7b15e982000000000000000' +
  '630ccf2a62c13561991b5e43b7bf5540e403b68f6738a4dfb3d8a24307ca0ec230000000000000001400000000000000' +
  '2877a4684aff9143f6c09bcdde3d73c4dc2ddf4e0c00000000000000000102030405060708090a0b0800000000000000' +
  '4145535f47434d5f';
/** The curve is slow: one round trip is about 60 ms. */
const FEW = { numRuns: runs(8) };

const secret = beaconSecretFrom(utf8ToBytes('a beacon for tests'));
const publicKey = beaconKeyOf(secret);

test('what another implementation encrypted to quicknet opens with the pulse of its round', () => {
  const plain = decryptTimelocked(THEIRS, PULSE_1000);
  expect(plain && new TextDecoder().decode(plain)).toBe('a weight commit in the clear, 38');
});

test('what we encrypt is what another implementation opened', () => {
  const counted = (length: number) => Uint8Array.from({ length }, (_, i) => i);
  const cipher = encryptTimelocked(utf8ToBytes('ours'), 1_000n, quicknet, counted);
  expect(bytesToHex(cipher)).toBe(OURS);
  expect(decryptTimelocked(cipher, PULSE_1000)).toEqual(utf8ToBytes('ours'));
});

test('any bytes to any round of a beacon open with the pulse of that round and of no other', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 1_200 }),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 2n }),
      (plain, round) => {
        const cipher = encryptTimelocked(plain, round, publicKey);
        expect(decryptTimelocked(cipher, pulseOf(secret, round))).toEqual(plain);
        expect(decryptTimelocked(cipher, pulseOf(secret, round + 1n))).toBeNull();
      },
    ),
    FEW,
  );
});

test('a flipped bit anywhere, a byte too few or too many is refused', () => {
  const cipher = encryptTimelocked(utf8ToBytes('weights'), 38, publicKey);
  const pulse = pulseOf(secret, 38);
  fc.assert(
    fc.property(fc.nat(cipher.length - 1), fc.nat(7), (at, bit) => {
      expect(decryptTimelocked(cipher.with(at, (cipher[at] ?? 0) ^ (1 << bit)), pulse)).toBeNull();
    }),
    { numRuns: runs(60) },
  );
  for (const length of [0, 1, 95, 96, 104, cipher.length - 1])
    expect(decryptTimelocked(cipher.slice(0, length), pulse)).toBeNull();
  expect(decryptTimelocked(Uint8Array.of(...cipher, 0), pulse)).toBeNull();
});

test('bytes of strangers are refused, however long and whatever they claim', () => {
  const pulse = pulseOf(secret, 38);
  const long = new Uint8Array(96 + 8 + 32).fill(0xff);
  for (const bytes of [new Uint8Array(5_001), new Uint8Array(300), long])
    expect(decryptTimelocked(bytes, pulse)).toBeNull();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => decryptTimelocked(bytes, pulse) === null),
    FEW,
  );
});

test.each([
  ['no bytes', new Uint8Array()],
  ['zeroes', new Uint8Array(48)],
  ['the point at infinity', Uint8Array.of(0xc0, ...new Uint8Array(47))],
])('%s as a pulse is refused', (_what, pulse) => {
  expect(decryptTimelocked(THEIRS, pulse)).toBeNull();
});

test('what is no key and what is no round is the caller’s mistake', () => {
  expect(() => encryptTimelocked(new Uint8Array(1), 1, new Uint8Array(96))).toThrow();
  expect(() => encryptTimelocked(new Uint8Array(1), -1, publicKey)).toThrow(RangeError);
  expect(() => encryptTimelocked(new Uint8Array(1), 2n ** 64n, publicKey)).toThrow(RangeError);
});
