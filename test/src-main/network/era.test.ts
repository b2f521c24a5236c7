import { TypeRegistry } from '@polkadot/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Number, ipv6Number } from '../../../src-main/network/calls/serve-axon.ts';
import { chooseEra, encodeEra } from '../../../src-main/network/era.ts';
import { runs } from '../../runs.ts';

const often = { numRuns: runs(500, 5_000) };
const registry = new TypeRegistry();

describe('the era of a transaction', () => {
  it('lasts a whole period from the anchor when nothing ends it sooner', () => {
    expect(chooseEra(1_000, 1_002, null)).toEqual({ period: 64, birth: 1_000, last: 1_063 });
  });

  it.each([
    [100, 101, 104, { period: 8, birth: 97, last: 104 }],
    [100, 101, 102, { period: 4, birth: 99, last: 102 }],
    [100, 101, 163, { period: 64, birth: 100, last: 163 }],
    [100, 101, 900, { period: 64, birth: 100, last: 163 }],
    [1, 2, 10, { period: 8, birth: 1, last: 8 }],
  ])('from anchor %i and head %i ends by block %i', (anchor, head, lastBlock, era) => {
    expect(chooseEra(anchor, head, lastBlock)).toEqual(era);
  });

  it('does not exist when the last block has passed', () => {
    expect(chooseEra(100, 101, 101)).toBeNull();
  });

  it('never outlives its last block and is born at or below the anchor', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(20), fc.integer({ min: 1, max: 300 }), (anchor, lag, ahead) => {
        const head = anchor + lag;
        const era = chooseEra(anchor, head, head + ahead);
        if (!era) return lag > 0 || anchor < 4;
        expect(era.last).toBeLessThanOrEqual(head + ahead);
        expect(era.last).toBeGreaterThan(head);
        expect(era.birth).toBeLessThanOrEqual(anchor);
        expect(era.birth).toBeGreaterThanOrEqual(0);
      }),
      often,
    );
  });

  it('reads the same to the client library: birth and death', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 70, max: 1_000_000 }),
        fc.integer({ min: 2, max: 70 }),
        (anchor, ahead) => {
          const era = chooseEra(anchor, anchor, anchor + ahead);
          if (!era) throw new Error('no era');
          const decoded = registry.createType('ExtrinsicEra', encodeEra(era)).asMortalEra;
          expect(decoded.birth(era.last)).toBe(era.birth);
          expect(decoded.death(era.last)).toBe(era.last + 1);
        },
      ),
      often,
    );
  });
});

describe('an address as the axon call wants it', () => {
  it.each([
    ['127.0.0.1', 0x7f000001n],
    ['255.255.255.255', 0xffffffffn],
  ])('turns %s into a number', (ip, number) => expect(ipv4Number(ip)).toBe(number));

  it.each([
    ['::1', 1n],
    ['::', 0n],
    ['2001:db8::8a2e:370:7334', 0x20010db80000000000008a2e03707334n],
    ['1:2:3:4:5:6:7:8', 0x00010002000300040005000600070008n],
    ['::ffff:192.0.2.1', 0xffffc0000201n],
    ['fe80::1%eth0', 0xfe800000000000000000000000000001n],
  ])('turns %s into a number', (ip, number) => expect(ipv6Number(ip)).toBe(number));
});
