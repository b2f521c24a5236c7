import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Receipt } from '../../../src-shared/rounds/messages.ts';
import { believedRates, MOST_BYTES_PER_S, measuredRates } from '../../../src-shared/rounds/rates.ts';
import { ss58 } from '../../../src-shared/units.ts';

const moved = (from: string, to: string, bytesPerS: number, over: Partial<Receipt> = {}): Receipt => ({
  round: 3,
  from: ss58(from),
  to: ss58(to),
  bytes: bytesPerS * 2,
  durationMs: 2_000,
  countersigned: true,
  ...over,
});
const up = (rounds: readonly (readonly Receipt[])[], of = 'a') =>
  measuredRates(rounds).get(ss58(of))?.upBytesPerS;
const claim = (hotkey: string, bytesPerS: number) => ({
  hotkey: ss58(hotkey),
  upBytesPerS: bytesPerS,
  downBytesPerS: bytesPerS,
});
const rate = (bytesPerS: number) => ({ upBytesPerS: bytesPerS, downBytesPerS: bytesPerS });

describe('measured rates', () => {
  it('are what a whole link carries: pairs move at once', () => {
    const round = ['b', 'c', 'd'].map((to) => moved('a', to, 100));
    expect(up([round])).toBe(300);
    expect(measuredRates([round]).get(ss58('b'))).toEqual({ upBytesPerS: null, downBytesPerS: 100 });
  });

  it('are decided by the middle one of several pairs and of several rounds', () => {
    expect(up([['b', 'c', 'd'].map((to, i) => moved('a', to, [1, 100, 9e9][i]!))])).toBe(300);
    expect(up([[moved('a', 'b', 100)], [moved('a', 'b', 900)], [moved('a', 'b', 110)]])).toBe(110);
  });

  it('count what both signed, once, with bytes and time in it', () => {
    const passedOver = [
      moved('a', 'b', 900, { countersigned: false }),
      moved('a', 'a', 900),
      moved('a', 'c', 0),
      moved('a', 'd', 900, { durationMs: 0 }),
    ];
    expect(up([passedOver])).toBeUndefined();
    expect(up([[moved('a', 'b', 100), moved('a', 'b', 100), ...passedOver]])).toBe(100);
  });

  it('are whole numbers, as Ready takes them, also between two rounds', () => {
    expect(up([[moved('a', 'b', 100)], [moved('a', 'b', 101)]])).toBe(101);
    const receipts = fc.array(
      fc
        .tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('a', 'b', 'c'), fc.nat(), fc.nat(1e6))
        .map(([from, to, bytes, durationMs]) => moved(from, to, 0, { bytes, durationMs })),
    );
    fc.assert(
      fc.property(fc.array(receipts, { maxLength: 5 }), (rounds) => {
        for (const { upBytesPerS, downBytesPerS } of measuredRates(rounds).values())
          for (const rate of [upBytesPerS, downBytesPerS])
            expect(rate === null || Number.isSafeInteger(rate)).toBe(true);
      }),
    );
  });

  it('never exceed what a link can have, whatever was claimed', () => {
    const wild = moved('a', 'b', 1, { bytes: Number.MAX_SAFE_INTEGER, durationMs: 1e-300 });
    expect(up([[wild]])).toBe(MOST_BYTES_PER_S);
  });
});

describe('believed rates', () => {
  const measured = new Map(['a', 'b', 'c'].map((hotkey) => [ss58(hotkey), rate(100)]));

  it.each([
    [9e15, 200],
    [150, 150],
    [1, 50],
    [0, 100],
  ])('hold an announced %d between half and twice of what was measured: %d', (announced, expected) => {
    expect(believedRates([claim('a', announced)], measured)).toEqual([expected]);
  });

  it('hold who was never measured to the group’s median', () => {
    const group = ['a', 'b', 'c', 'new'].map((hotkey) => claim(hotkey, hotkey === 'new' ? 9e15 : 100));
    expect(believedRates(group, measured)).toEqual([100, 100, 100, 200]);
  });

  it('hold claims to each other before anything was measured, and are unknown where nobody says one', () => {
    const claims = [claim('a', 9e15), ...['b', 'c', 'd'].map((hotkey) => claim(hotkey, 10))];
    expect(believedRates(claims, new Map())).toEqual([20, 10, 10, 10]);
    expect(believedRates([claim('a', 0), claim('b', 0)], new Map())).toEqual([0, 0]);
  });

  it('are the lower of both directions', () => {
    const lopsided = new Map([[ss58('a'), { upBytesPerS: 10, downBytesPerS: 100 }]]);
    expect(believedRates([claim('a', 0)], lopsided)).toEqual([10]);
  });

  it('are whole numbers within twice of what was measured, whatever is claimed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2 ** 31), fc.option(fc.integer({ min: 1, max: 1e9 }))), { minLength: 1 }),
        (people) => {
          const claims = people.map(([announced], i) => claim(`m${i}`, announced));
          const shown = new Map(
            people.flatMap(([, shows], i) => (shows === null ? [] : [[ss58(`m${i}`), rate(shows)] as const])),
          );
          for (const [i, believed] of believedRates(claims, shown).entries()) {
            expect(Number.isSafeInteger(believed)).toBe(true);
            const [, shows] = people[i]!;
            if (shows !== null) expect(believed).toBeLessThanOrEqual(2 * shows);
            if (shows !== null) expect(believed).toBeGreaterThanOrEqual(Math.floor(shows / 2));
          }
        },
      ),
    );
  });
});
