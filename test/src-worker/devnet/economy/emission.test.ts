import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epochIndex, isEpochBlock } from '../../../../src-worker/devnet/economy/clock.ts';
import {
  blockEmission,
  divide,
  injection,
  movingPrice,
  splitAlpha,
} from '../../../../src-worker/devnet/economy/emission.ts';
import { adjustedBurn, seatToPrune } from '../../../../src-worker/devnet/economy/registration.ts';
import { runs } from '../../../runs.ts';

const TAO = 1_000_000_000n;

describe('emission', () => {
  test.each([
    [0n, TAO],
    [10_499_999n * TAO, TAO],
    [10_500_000n * TAO, TAO / 2n],
    [15_750_000n * TAO, TAO / 4n],
    [21_000_000n * TAO, 0n],
  ])('with %s rao issued a block brings %s', (issuance, expected) => {
    expect(blockEmission(issuance)).toBe(expected);
  });

  test('alpha splits 18 / 41 / 41 and nothing is lost', () => {
    const { owner, miners, validators } = splitAlpha(TAO);
    expect([owner, miners, validators]).toEqual([179_995_422n, 410_002_289n, 410_002_289n]);
    expect(owner + miners + validators).toBe(TAO);
  });

  test('what a block adds to a pool leaves its price where it was', () => {
    const pool = { taoRao: 1_000n * TAO, alphaRao: 10_000n * TAO };
    expect(injection(pool, TAO, TAO)).toEqual({
      taoRao: TAO / 10n, // capped by one alpha
      alphaRao: TAO,
      excessRao: (TAO * 9n) / 10n,
    });
    expect(injection({ taoRao: 4n * TAO, alphaRao: TAO }, TAO, TAO)).toEqual({
      taoRao: TAO,
      alphaRao: TAO / 4n,
      excessRao: 0n,
    });
  });

  test('the parts of a pot and its rest are the pot', () => {
    const fractions = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 13n }), fractions, (pot, shares) => {
        const { parts, rest } = divide(pot, shares);
        expect(parts.reduce((sum, part) => sum + part, rest)).toBe(pot);
        expect(rest >= 0n && parts.every((part) => part >= 0n)).toBe(true);
      }),
      { numRuns: runs(200, 2_000) },
    );
  });

  test('the moving price stands still at first and approaches the price', () => {
    expect(movingPrice(0, 0.5, 0)).toBe(0);
    expect(movingPrice(0, 5, 201_600)).toBeCloseTo(1.5e-6, 12); // min(price, 1) x 3e-6 / 2
  });
});

describe('epoch clock', () => {
  // First epoch blocks by tempo and netuid, as Subtensor's own text gives them.
  test.each([
    [1, 0, 0],
    [1, 1, 1],
    [2, 0, 1],
    [2, 1, 0],
    [100, 0, 99],
    [100, 1, 98],
  ])('tempo %i, netuid %i begin with block %i', (tempo, netuid, first) => {
    const blocks = Array.from({ length: 200 }, (_, block) => block);
    expect(blocks.find((block) => isEpochBlock(block, netuid, tempo))).toBe(first);
  });

  test('subnet 38 with tempo 10 runs at blocks 4, 15, 26', () => {
    const blocks = Array.from({ length: 30 }, (_, block) => block).filter((block) =>
      isEpochBlock(block, 38, 10),
    );
    expect(blocks).toEqual([4, 15, 26]);
  });

  test('the epoch number changes right behind those blocks', () => {
    for (let block = 1; block < 60; block++) {
      const isOther = epochIndex(block, 38, 10) !== epochIndex(block - 1, 38, 10);
      expect(isOther).toBe(isEpochBlock(block - 1, 38, 10));
    }
  });
});

describe('registration', () => {
  const seat = (uid: number, emission: bigint, registeredAt: number, ownerSeat = false) => ({
    uid,
    emissionAlpha: emission,
    registeredAt,
    ownerSeat,
  });

  test('the least paid goes first, then the oldest, then the lowest uid; never the owner', () => {
    const seats = [seat(0, 0n, 0, true), seat(1, 5n, 1), seat(2, 1n, 9), seat(3, 1n, 3), seat(4, 1n, 3)];
    expect(seatToPrune(seats, 1_000, 100, 1)).toBe(3);
  });

  test('the immune are passed over while enough others remain', () => {
    const seats = [seat(0, 9n, 0), seat(1, 8n, 0), seat(2, 0n, 950)];
    expect(seatToPrune(seats, 1_000, 100, 1)).toBe(1);
    expect(seatToPrune(seats, 1_000, 100, 2)).toBe(2);
  });

  test('nobody is pruned where only the owner and too few mortals are', () => {
    expect(seatToPrune([seat(0, 0n, 0, true), seat(1, 0n, 0)], 1_000, 100, 10)).toBeNull();
  });

  test('the price follows registrations over target within its bounds', () => {
    const bounds = { minRao: 10n, maxRao: 1_000n };
    expect(adjustedBurn(100n, 2, 2, bounds)).toBe(100n);
    expect(adjustedBurn(100n, 6, 2, bounds)).toBe(200n);
    expect(adjustedBurn(15n, 0, 2, bounds)).toBe(10n);
    expect(adjustedBurn(900n, 6, 2, bounds)).toBe(1_000n);
  });
});
