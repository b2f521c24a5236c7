import { describe, expect, it } from 'vitest';
import { type NeedFacts, validatorNeeds } from '../../../src-main/join/validator-needs.ts';
import { seatOf } from '../../../src-shared/economics/seat.ts';
import { alphaRao, rao, ss58 } from '../../../src-shared/units.ts';

const TAO = 10n ** 9n;
const me = ss58('me');
const neurons = (own: bigint, hasPermit: boolean) => [
  { hotkey: me, validatorPermit: hasPermit, stakeAlpha: alphaRao(own) },
  { hotkey: ss58('other'), validatorPermit: true, stakeAlpha: alphaRao(50n * TAO) },
];

const beside: NeedFacts = {
  ...{ way: 'beside', uid: null, seat: seatOf(neurons(0n, false), null, 64) },
  ...{ placeRao: rao(TAO / 10n), stakeRao: rao(4n * TAO), freeRao: rao(10n * TAO) },
  reachability: null,
  disk: { bytes: 100, freeBytes: 1_000 },
  engine: { checkMs: 200, miners: 4, roomMs: 5_000 },
};
const instead: NeedFacts = {
  ...{ ...beside, way: 'instead', uid: 7, seat: seatOf(neurons(60n * TAO, true), me, 2) },
  ...{ placeRao: rao(0n), stakeRao: rao(0n), reachability: { state: 'public' } },
};

const codes = (facts: NeedFacts) =>
  Object.fromEntries(validatorNeeds(facts).needs.map(({ id, state, said }) => [id, [state, said.code]]));

describe('what a validator beside a practice takes', () => {
  it('is there, and costs a place and a stake', () => {
    const found = validatorNeeds(beside);
    expect(found).toMatchObject({ way: 'beside', mayBegin: true });
    expect(found.needs.map(({ state }) => state)).toEqual(['met', 'met', 'met', 'met', 'met']);
    expect(found.costs).toEqual({ registrationRao: TAO / 10n, stakeRao: 4n * TAO, freeRao: 10n * TAO });
  });

  it('buys no place twice', () => {
    const again = validatorNeeds({ ...beside, uid: 9 });
    expect(again.costs.registrationRao).toBeNull();
    expect(codes({ ...beside, uid: 9 }).place).toEqual(['met', 'place.held']);
  });

  it('is refused to a wallet that cannot pay for both', () => {
    const poor = { ...beside, freeRao: rao(4n * TAO) };
    expect(codes(poor).place).toEqual(['not-met', 'place.none']);
    expect(validatorNeeds(poor).mayBegin).toBe(false);
    expect(validatorNeeds({ ...beside, stakeRao: rao(0n) }).mayBegin).toBe(false);
  });

  it('does not take what could not be read for a no', () => {
    const unread = { ...beside, freeRao: null, disk: { bytes: 1, freeBytes: null } };
    expect(codes(unread)).toMatchObject({
      place: ['unknown', 'place.bought'],
      disk: ['unknown', 'disk.unknown'],
    });
    expect(validatorNeeds({ ...unread, stakeRao: rao(1n) }).mayBegin).toBe(true);
  });

  it('says that a stake has to pass others where no permit is free', () => {
    const full = { ...beside, seat: seatOf(neurons(0n, false), null, 1) };
    expect(codes(full).permit).toEqual(['unknown', 'permit.by-stake']);
    expect(validatorNeeds(full).mayBegin).toBe(true);
  });
});

describe('what validating instead of mining takes', () => {
  it('is there with a permit, and costs nothing', () => {
    const found = validatorNeeds(instead);
    expect(found).toMatchObject({ mayBegin: true, costs: { registrationRao: null, stakeRao: null } });
    expect(codes(instead)).toMatchObject({ place: ['met', 'place.held'], permit: ['met', 'permit.held'] });
  });

  it('is refused without a permit, with the gap, and without a place', () => {
    const without = { ...instead, seat: seatOf(neurons(20n * TAO, false), me, 1) };
    const { needs, mayBegin } = validatorNeeds(without);
    expect(mayBegin).toBe(false);
    expect(needs.find(({ id }) => id === 'permit')?.said).toMatchObject({
      code: 'permit.lacking',
      params: { lowest: '50.0000' },
    });
    const lost = { ...instead, uid: null };
    expect(validatorNeeds(lost).mayBegin).toBe(false);
    expect(codes(lost).place).toEqual(['not-met', 'place.lost']);
  });

  it('is not refused for a blocked port or a slow engine, which it names', () => {
    const poor: NeedFacts = {
      ...{ ...instead, reachability: { state: 'blocked' } },
      engine: { checkMs: 2_000, miners: 4, roomMs: 5_000 },
    };
    expect(codes(poor)).toMatchObject({
      port: ['not-met', 'port.blocked'],
      engine: ['not-met', 'engine.slow'],
    });
    expect(validatorNeeds(poor).mayBegin).toBe(true);
  });

  it('says what one miner takes while nobody was heard to contribute', () => {
    const early: NeedFacts = { ...instead, engine: { ...instead.engine, miners: 0 } };
    expect(codes(early).engine).toEqual(['met', 'engine.alone']);
    const slow: NeedFacts = { ...early, engine: { checkMs: 6_000, miners: 0, roomMs: 5_000 } };
    expect(codes(slow).engine).toEqual(['not-met', 'engine.slow']);
  });

  it('calls neither unknown nor unmeasured met', () => {
    const unseen: NeedFacts = {
      ...{ ...instead, reachability: { state: 'unknown' } },
      engine: { ...instead.engine, checkMs: null },
    };
    expect(codes(unseen)).toMatchObject({
      port: ['unknown', 'port.unknown'],
      engine: ['unknown', 'engine.unknown'],
    });
  });
});
