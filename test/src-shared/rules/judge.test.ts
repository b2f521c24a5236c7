import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHours } from '../../../src-shared/rules/hours.ts';
import { type HouseRules, houseRulesOf } from '../../../src-shared/rules/house-rules.ts';
import { type Holds, judge, noHolds, type Readings } from '../../../src-shared/rules/judge.ts';
import { COOL_FOR_MS, OVER_AFTER_MS, UNTOLD_LAPSE_MS } from '../../../src-shared/rules/limits.ts';
import { houseReasons } from '../../../src-shared/rules/reasons.ts';
import { untoldSignals } from '../../../src-shared/rules/signals.ts';
import type { WallHour } from '../../../src-shared/rules/wall-clock.ts';
import { restSentence } from '../../../src-shared/rules/words.ts';
import { defaultSettings } from '../../../src-shared/settings.ts';

const off: HouseRules = houseRulesOf({ ...defaultSettings, 'rules.battery': false });
const nothing: Readings = { signals: untoldSignals, apps: null, cards: null };
const utcHour: WallHour = (ms) => ((new Date(ms).getUTCDay() + 6) % 7) * 24 + new Date(ms).getUTCHours();
/** A Monday's first moment. */
const MONDAY = Date.UTC(2026, 10, 30);
const HOUR = 3_600_000;

/** A house that is looked at again and again. */
function house(rules: Partial<HouseRules>, wallHour: WallHour = utcHour) {
  let holds: Holds = noHolds;
  return (atMs: number, readings: Partial<Readings> = {}, wallMs = MONDAY + atMs) => {
    const judged = judge(
      { ...off, ...rules },
      { ...nothing, ...readings },
      { atMs, wallMs, wallHour },
      holds,
    );
    ({ holds } = judged);
    return judged;
  };
}
const signals = (told: Partial<Readings['signals']>) => ({ signals: { ...untoldSignals, ...told } });
const cards = (...celsius: number[]) => ({
  cards: celsius.map((one, i) => ({ name: `card ${i}`, celsius: one })),
});

describe('a rule that was not chosen', () => {
  it('never rests, whatever is told', () => {
    const look = house({});
    const told = {
      ...signals({ onBattery: true, isFullScreen: true, idleSeconds: 0 }),
      apps: ['vlc'],
      ...cards(140),
    };
    expect(look(0, told).rest).toBeNull();
  });
});

describe('a rule whose signal nobody tells', () => {
  it('rests nothing and says so', () => {
    const look = house({
      restsOnBattery: true,
      restsInFullScreen: true,
      idleMinutes: 5,
      apps: ['a'],
      celsius: 80,
    });
    const { rest, words } = look(0);
    expect(rest).toBeNull();
    for (const reason of ['battery', 'full-screen', 'in-use', 'app', 'temperature'] as const)
      expect(words[reason], reason).toBe('unknown');
    expect(look(1, { cards: 'unread' }).words.temperature).toBe('works');
  });

  it('lets a rest that began go on for a while, and then go', () => {
    const look = house({ restsOnBattery: true });
    expect(look(0, signals({ onBattery: true })).rest?.reason).toBe('battery');
    expect(look(1_000).rest?.reason).toBe('battery');
    expect(look(1_000 + UNTOLD_LAPSE_MS - 1).rest?.reason).toBe('battery');
    expect(look(1_000 + UNTOLD_LAPSE_MS).rest).toBeNull();
  });
});

describe('what people do', () => {
  it('is over once it stays over: a loose plug does not flap', () => {
    const look = house({ restsOnBattery: true });
    for (let atMs = 0; atMs < 60_000; atMs += 2_000)
      expect(look(atMs, signals({ onBattery: atMs % 4_000 === 0 })).rest?.reason, String(atMs)).toBe(
        'battery',
      );
    expect(look(60_000, signals({ onBattery: false })).rest?.reason).toBe('battery');
    expect(look(58_000 + OVER_AFTER_MS, signals({ onBattery: false })).rest).toBeNull();
  });

  it('names the program that runs, and goes on after it', () => {
    const look = house({ apps: ['vlc', 'blender'] });
    expect(look(0, { apps: ['blender'] }).rest).toEqual({
      reason: 'app',
      params: { app: 'blender' },
      untilMs: null,
    });
    expect(look(1, { apps: [] }).rest?.reason).toBe('app');
    expect(look(1 + OVER_AFTER_MS, { apps: [] }).rest).toBeNull();
  });

  it('counts as nobody there once the screen is locked, or nothing was touched for long enough', () => {
    const look = house({ idleMinutes: 5 });
    expect(look(0, signals({ idleSeconds: 299 })).rest?.reason).toBe('in-use');
    expect(look(1, signals({ idleSeconds: 300 })).rest).toBeNull();
    expect(look(2, signals({ idleSeconds: 0 })).rest?.reason).toBe('in-use');
    expect(look(3, signals({ idleSeconds: 0, isLocked: true })).rest).toBeNull();
  });
});

describe('heat', () => {
  it('rests at the ceiling and goes on some degrees below it, not at once', () => {
    const look = house({ celsius: 80 });
    expect(look(0, cards(60, 79.9)).rest).toBeNull();
    expect(look(1, cards(60, 80)).rest?.params).toEqual({ card: 'card 1', celsius: 80, most: 80 });
    expect(look(2, cards(60, 75.5)).rest?.reason).toBe('temperature');
    // However long it stays in between: there it would be too hot again at once.
    expect(look(2 + 3 * COOL_FOR_MS, cards(60, 75.5)).rest?.reason).toBe('temperature');
    expect(look(3 + 3 * COOL_FOR_MS, cards(60, 75)).rest?.reason).toBe('temperature');
    expect(look(3 + 4 * COOL_FOR_MS, cards(60, 70)).rest).toBeNull();
    expect(look(4 + 4 * COOL_FOR_MS, cards(60, 79)).rest).toBeNull();
  });

  it('never lets a card work that is at its ceiling, and never rests one that stayed well below', () => {
    const temperatures = fc.array(fc.integer({ min: 20, max: 110 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(temperatures, fc.integer({ min: 500, max: 20_000 }), (read, everyMs) => {
        const look = house({ celsius: 80 });
        let coolSinceMs: number | null = 0;
        for (const [i, celsius] of read.entries()) {
          const { rest } = look(i * everyMs, cards(celsius));
          if (celsius > 75) coolSinceMs = null;
          else coolSinceMs ??= i * everyMs;
          if (celsius >= 80) expect(rest?.reason).toBe('temperature');
          if (coolSinceMs !== null && i * everyMs - coolSinceMs >= COOL_FOR_MS) expect(rest).toBeNull();
        }
      }),
    );
  });
});

describe('hours and prices', () => {
  const nights = parseHours('Mon-Sun 22-6');

  it('say when it goes on, and when it will rest', () => {
    const look = house({ hours: nights });
    expect(look(7 * HOUR + 1).rest).toEqual({ reason: 'hours', params: {}, untilMs: MONDAY + 22 * HOUR });
    expect(look(22 * HOUR - 1).rest?.untilMs).toBe(MONDAY + 22 * HOUR);
    const night = look(23 * HOUR);
    expect([night.rest, night.restsFromMs]).toEqual([null, MONDAY + 30 * HOUR]);
  });

  it('hold over a Sunday night', () => {
    const look = house({ hours: parseHours('Sun 22-24; Mon 0-6') });
    const sunday = 6 * 24 * HOUR;
    expect(look(sunday + 23 * HOUR).restsFromMs).toBe(MONDAY + sunday + 30 * HOUR);
    expect(look(sunday + 31 * HOUR).rest?.untilMs).toBe(MONDAY + 2 * sunday + 24 * HOUR + 22 * HOUR);
  });

  it('both have to allow an hour: the rest ends at the first that both do', () => {
    const prices = Array.from({ length: 24 }, (_, hour) => (hour < 2 ? 0.18 : 0.34));
    const look = house({ hours: nights, price: { prices, most: 0.3 } });
    expect(look(12 * HOUR).rest).toMatchObject({ reason: 'hours', untilMs: MONDAY + 24 * HOUR });
    expect(look(22 * HOUR).rest).toEqual({
      reason: 'price',
      params: { price: 0.34, most: 0.3 },
      untilMs: MONDAY + 24 * HOUR,
    });
  });

  it('that never allow it promise no time', () => {
    const { rest } = house({ hours: parseHours('never') })(0);
    expect(rest?.untilMs).toBeNull();
    expect(rest && restSentence(rest, String)).toBe(
      'Your schedule has it rest at this hour. No hour of the week is allowed.',
    );
  });

  it('go by what the clock says, however it jumps', () => {
    const look = house({ hours: nights });
    expect(look(0, {}, MONDAY + 12 * HOUR).rest?.reason).toBe('hours');
    // Set forward into the night, then years back into a day: nothing of before is held against it.
    expect(look(1, {}, MONDAY + 23 * HOUR).rest).toBeNull();
    expect(look(2, {}, MONDAY - 400 * 7 * 24 * HOUR + 12 * HOUR).rest?.reason).toBe('hours');
  });

  const hourIn = (zone: string): WallHour => {
    const parts = new Intl.DateTimeFormat('en', {
      timeZone: zone,
      weekday: 'short',
      hour: 'numeric',
      hourCycle: 'h23',
    });
    return (ms) => {
      const told = Object.fromEntries(parts.formatToParts(ms).map(({ type, value }) => [type, value]));
      return (
        ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(told.weekday ?? '') * 24 + Number(told.hour)
      );
    };
  };

  it.each([
    // Sunday's third hour is left out in Berlin on March 28, 2027, and told twice on October 31.
    ['Europe/Berlin', 'Sun 2-3', '2027-03-28T00:30:00Z', null],
    ['Europe/Berlin', 'Sun 3-4', '2027-03-28T00:30:00Z', '2027-03-28T01:00:00Z'],
    ['Europe/Berlin', 'Sun 2-3', '2027-10-30T23:30:00Z', '2027-10-31T00:00:00Z'],
    // Half an hour of change, and a zone that is a quarter off.
    ['Australia/Lord_Howe', 'Sun 2-3', '2026-10-03T15:00:00Z', '2026-10-03T15:30:00Z'],
    ['Asia/Kathmandu', 'Mon 0-1', '2026-11-29T12:00:00Z', '2026-11-29T18:15:00Z'],
  ] as const)('in %s, allowed in "%s", after %s it goes on at %s', (zone, hours, from, until) => {
    const look = house({ hours: parseHours(hours) }, hourIn(zone));
    const { rest } = look(0, {}, Date.parse(from));
    if (until !== null) expect(new Date(rest?.untilMs ?? 0).toISOString()).toBe(until.replace('Z', '.000Z'));
    else expect(rest?.untilMs).toBeGreaterThan(Date.parse(from) + 6 * 24 * HOUR);
  });

  it('an hour that is told twice is allowed twice', () => {
    const look = house({ hours: parseHours('Sun 2-3') }, hourIn('Europe/Berlin'));
    const { rest, restsFromMs } = look(0, {}, Date.parse('2027-10-31T00:10:00Z'));
    expect([rest, new Date(restsFromMs ?? 0).toISOString()]).toEqual([null, '2027-10-31T02:00:00.000Z']);
  });
});

describe('several rules', () => {
  const reading = fc.record({
    onBattery: fc.option(fc.boolean()),
    isFullScreen: fc.option(fc.boolean()),
    isLocked: fc.option(fc.boolean()),
    idleSeconds: fc.option(fc.nat(1_000)),
    isSuspended: fc.boolean(),
  });
  const look = fc.record({
    signals: reading,
    apps: fc.option(fc.subarray(['a', 'b'])),
    celsius: fc.option(fc.integer({ min: 0, max: 120 })),
  });
  const all = {
    restsOnBattery: true,
    restsInFullScreen: true,
    idleMinutes: 5,
    apps: ['a', 'b'],
    celsius: 80,
    hours: parseHours('Mon-Sun 0-12'),
  };

  it('name one reason, and the same looks give the same answers', () => {
    fc.assert(
      fc.property(
        fc.array(look, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 30_000 }),
        (looks, everyMs) => {
          const [one, other] = [house(all), house(all)];
          for (const [i, { celsius, ...rest }] of looks.entries()) {
            const seen = { ...rest, ...(celsius === null ? { cards: null } : cards(celsius)) };
            const judged = one(i * everyMs, seen);
            expect(other(i * everyMs, seen)).toEqual(judged);
            expect(judged.rest === null).toBe(
              houseReasons.every((reason) => judged.words[reason] !== 'rests'),
            );
            if (judged.rest) expect(restSentence(judged.rest, String)).toMatch(/^[^{}]+\. [^{}]+\.$/);
          }
        },
      ),
    );
  });

  it('let it work again by itself once everything has been well for a minute, whatever came before', () => {
    fc.assert(
      fc.property(
        fc.array(look, { maxLength: 30 }),
        fc.integer({ min: 1, max: 30_000 }),
        (looks, everyMs) => {
          const rules = { ...all, hours: null };
          const at = house(rules);
          for (const [i, { celsius, ...rest }] of looks.entries())
            at(i * everyMs, { ...rest, ...(celsius === null ? { cards: null } : cards(celsius)) });
          const well = {
            ...signals({ onBattery: false, isFullScreen: false, idleSeconds: 900 }),
            apps: [],
            ...cards(40),
          };
          const fromMs = looks.length * everyMs;
          at(fromMs, well);
          expect(at(fromMs + COOL_FOR_MS, well).rest).toBeNull();
        },
      ),
    );
  });
});
