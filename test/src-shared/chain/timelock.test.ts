import { bytesToHex } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeWeightsPayload,
  encodeWeightsPayload,
  QUICKNET,
  roundAt,
  roundTimeMs,
} from '../../../src-shared/chain/timelock.ts';

const hotkey = Uint8Array.from({ length: 32 }, (_, i) => i);
const u16 = fc.integer({ min: 0, max: 65_535 });
const payload = fc.array(fc.tuple(u16, u16), { maxLength: 1_200 }).chain((pairs) =>
  fc.record({
    hotkey: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    uids: fc.constant(pairs.map(([uid]) => uid)),
    values: fc.constant(pairs.map(([, value]) => value)),
    versionKey: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  }),
);

test('a payload has the bytes that SCALE gives it', () => {
  const bytes = encodeWeightsPayload({ hotkey, uids: [0, 258], values: [65_535, 1], versionKey: 7n });
  expect(bytesToHex(bytes)).toBe(`80${bytesToHex(hotkey)}080000020108ffff01000700000000000000`);
  const many = encodeWeightsPayload({
    hotkey,
    uids: Array.from({ length: 64 }, (_, uid) => uid),
    values: new Array(64).fill(1),
    versionKey: 0n,
  });
  expect(bytesToHex(many.slice(33, 35))).toBe('0101'); // 64 << 2 | 1, two bytes
});

test('every payload reads back as it was', () => {
  fc.assert(
    fc.property(payload, (each) => {
      expect(decodeWeightsPayload(encodeWeightsPayload(each))).toEqual(each);
    }),
  );
});

test('no other bytes read as the same payload, and strangers’ bytes never throw', () => {
  fc.assert(
    fc.property(payload, fc.nat(), (each, cut) => {
      const bytes = encodeWeightsPayload(each);
      expect(decodeWeightsPayload(bytes.slice(0, cut % bytes.length))).toBeNull();
      expect(decodeWeightsPayload(Uint8Array.of(...bytes, 0))).toBeNull();
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const read = decodeWeightsPayload(bytes);
      if (read) expect(encodeWeightsPayload(read)).toEqual(bytes);
    }),
  );
  expect(decodeWeightsPayload(new Uint8Array(5_001))).toBeNull();
});

test('what is no u16, no u64 or no pair is the caller’s mistake', () => {
  const good = { hotkey, uids: [1], values: [1], versionKey: 0n };
  const bad = [
    { values: [65_536] },
    { values: [Number.NaN] },
    { values: [-1] },
    { uids: [1, 2] },
    { versionKey: -1n },
    { hotkey: hotkey.slice(1) },
  ];
  for (const change of bad) expect(() => encodeWeightsPayload({ ...good, ...change })).toThrow(RangeError);
});

test('rounds follow the beacon’s clock', () => {
  const genesisMs = QUICKNET.genesisS * 1_000;
  expect(roundAt(genesisMs - 1)).toBe(0);
  expect([roundAt(genesisMs), roundAt(genesisMs + 2_999), roundAt(genesisMs + 3_000)]).toEqual([1, 1, 2]);
  // Round 1000 came out at 15:59:24 UTC on 2023-08-23.
  expect(roundTimeMs(1_000)).toBe(Date.UTC(2023, 7, 23, 15, 59, 24));
  expect(roundAt(roundTimeMs(1_000))).toBe(1_000);
});
