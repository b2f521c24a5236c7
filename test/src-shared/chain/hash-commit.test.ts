import { TypeRegistry } from '@polkadot/types';
import { blake2AsHex } from '@polkadot/util-crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type SaltedWeights, weightsHash } from '../../../src-shared/chain/hash-commit.ts';
import { runs } from '../../runs.ts';

const registry = new TypeRegistry();
const u16 = fc.integer({ min: 0, max: 65_535 });

/** As an independent library encodes and hashes it. */
function reference({ hotkey, netuid, mechanism, uids, values, salt, versionKey }: SaltedWeights): string {
  const type = '(AccountId32, u16, Vec<u16>, Vec<u16>, Vec<u16>, u64)';
  const tuple = [hotkey, netuid + 4_096 * mechanism, uids, values, salt, versionKey];
  return blake2AsHex(registry.createType(type, tuple).toU8a()).slice(2);
}

it('is the hash that an independent library makes of the same weights', () => {
  const weights = fc.record({
    hotkey: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    netuid: fc.integer({ min: 0, max: 4_095 }),
    mechanism: fc.integer({ min: 0, max: 15 }),
    uids: fc.array(u16, { maxLength: 300 }),
    salt: fc.array(u16, { maxLength: 20 }),
    versionKey: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  });
  fc.assert(
    fc.property(weights, (some) => {
      const whole = { ...some, values: some.uids.toReversed() };
      expect(weightsHash(whole)).toBe(reference(whole));
    }),
    { numRuns: runs(100) },
  );
});

it('is made of nothing that the chain could not take', () => {
  const good = {
    hotkey: new Uint8Array(32),
    netuid: 38,
    mechanism: 0,
    uids: [1],
    values: [2],
    salt: [3],
    versionKey: 0n,
  };
  expect(weightsHash(good)).toMatch(/^[0-9a-f]{64}$/);
  for (const bad of [
    { hotkey: new Uint8Array(31) },
    { values: [] },
    { salt: [65_536] },
    { mechanism: 16 },
    { versionKey: -1n },
  ])
    expect(() => weightsHash({ ...good, ...bad })).toThrow(RangeError);
});
