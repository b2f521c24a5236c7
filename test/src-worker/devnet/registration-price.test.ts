import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decayedBurn, decayPerBlock, raisedBurn } from '../../../src-worker/devnet/economy/registration.ts';
import { alice, call, key, NETUID, openRig, options, query, TAO } from './rig.ts';

const open = { minRao: 0n, maxRao: 2n ** 64n - 1n };
const ONE = 1n << 64n;

describe('a price that falls by itself', () => {
  test.each([1, 2, 7, 360, 1_000, 36_100])('comes to a half in its half-life of %i blocks', (halfLife) => {
    let price = 1_000_000_000_000n;
    for (let block = 0; block < halfLife; block++) price = decayedBurn(price, halfLife, open);
    // 32 bits of fraction lose or gain one part in 2^32 a squaring, and a price a rao a block.
    const tolerance = (2 * halfLife) / 2 ** 32 + halfLife / 1e12;
    expect(Math.abs(Number(price) / 1e12 - 0.5)).toBeLessThan(tolerance);
  });

  test('the fraction of a block is the largest that comes to no more than a half', () => {
    for (const halfLife of [1, 2, 3, 360, 65_535]) {
      const exact = 2 ** (32 - 1 / halfLife);
      // Squares are cut to 32 bits, so that the fraction may stand a little above the true root.
      expect(Number(decayPerBlock(halfLife)) / exact).toBeCloseTo(1, 7);
    }
  });

  test('worked values of Subtensor’s own tests', () => {
    expect(raisedBurn(1_000n, 3n * ONE, open)).toBe(3_000n);
    expect(decayedBurn(1_000n, 1_000, open)).toBe(999n);
    expect(decayedBurn(1_000n, 0, open)).toBe(1_000n);
  });

  test('never leaves its bounds, and a sale never makes it cheaper', () => {
    const rao = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(
        rao,
        rao,
        rao,
        fc.nat(65_535),
        fc.bigInt({ min: 0n, max: 10n * ONE }),
        (a, b, burn, halfLife, multiple) => {
          const [minRao, maxRao] = a < b ? [a, b] : [b, a];
          const start = burn < minRao ? minRao : burn > maxRao ? maxRao : burn;
          const fallen = decayedBurn(start, halfLife, { minRao, maxRao });
          const raised = raisedBurn(start, multiple, { minRao, maxRao });
          expect(fallen >= minRao && fallen <= start).toBe(true);
          expect(raised <= maxRao && raised >= start).toBe(true);
        },
      ),
    );
  });
});

describe('a chain of the newer release', () => {
  test('sells places for no more than the buyer’s limit, each dearer than the one before', async () => {
    const { api, outcome, send, seal } = await openRig(options({ specVersion: 425 }));
    const burn = async () => (await query(api, 'subtensorModule.burn', NETUID)).toBigInt();
    const register = (name: string, limit: bigint) =>
      call(api, 'subtensorModule.registerLimit', NETUID, key(name).address, limit);
    await seal();
    const asked = await burn();
    // One block later it is a little cheaper; a rao less than that is still too little.
    const then = (asked * decayPerBlock(360)) >> 32n;
    expect(await outcome(register('first', then - 1n), alice)).toBe(
      'subtensorModule.RegistrationPriceLimitExceeded',
    );
    const now = await burn();
    expect(now).toBe(then);

    const price = (now * decayPerBlock(360)) >> 32n;
    const before = (await query(api, 'subtensorModule.raoRecycledForRegistration', NETUID)).toBigInt();
    const { dispatchError } = await send(register('first', price), alice);
    expect(dispatchError).toBeUndefined();
    const paid = (await query(api, 'subtensorModule.raoRecycledForRegistration', NETUID)).toBigInt() - before;
    expect(paid).toBe(price);
    // 1.26 is no fraction of two: the nearest may fall a rao short.
    const dearer = (price * 126n) / 100n;
    expect([dearer, dearer - 1n]).toContain(await burn());

    // More than one interval ever sold; nothing counts them.
    for (const name of ['second', 'third', 'fourth'])
      expect(
        await outcome(call(api, 'subtensorModule.burnedRegister', NETUID, key(name).address), alice),
      ).toBeNull();
    expect(await burn()).toBeGreaterThan((price * 19n) / 10n);
    expect((await query(api, 'subtensorModule.registrationsThisInterval', NETUID)).toNumber()).toBe(0);
    expect(await outcome(register('first', 100n * TAO), alice)).toBe(
      'subtensorModule.HotKeyAlreadyRegisteredInSubNet',
    );
  });
});
