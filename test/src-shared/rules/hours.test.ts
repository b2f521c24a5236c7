import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseApps } from '../../../src-shared/rules/apps.ts';
import { DAY_HOURS, formatHours, parseHours, WEEK_HOURS } from '../../../src-shared/rules/hours.ts';
import { parsePrices } from '../../../src-shared/rules/prices.ts';

const onIn = (text: string): readonly number[] =>
  (parseHours(text) ?? []).flatMap((works, hour) => (works ? [hour] : []));
const week = fc.array(fc.boolean(), { minLength: WEEK_HOURS, maxLength: WEEK_HOURS });

describe('hours of a week', () => {
  it('are read back as they were written, whatever week it is', () => {
    fc.assert(fc.property(week, (hours) => void expect(parseHours(formatHours(hours))).toEqual(hours)));
  });

  it('are written in one way, which is short for weeks that people want', () => {
    for (const [typed, written] of [
      ['', ''],
      ['Mon-Sun 0-24', ''],
      ['NEVER', 'never'],
      ['mon 8-12, 13-17;tue 8-12 13-17', 'Mon-Tue 8-12 13-17'],
      ['Sat-Sun 0-24; Mon-Fri 20-24', 'Mon-Fri 20-24; Sat-Sun 0-24'],
      ['Mon-Sun 22-6', 'Mon-Sun 0-6 22-24'],
    ] as const)
      expect(formatHours(parseHours(typed) ?? []), typed).toBe(written);
  });

  it('reach over midnight into the next day, and over Sunday into Monday', () => {
    expect(onIn('Mon 22-2')).toEqual([22, 23, 24, 25]);
    expect(onIn('Sun 23-1')).toEqual([0, 6 * DAY_HOURS + 23]);
    expect(onIn('Sun-Mon 12-13')).toEqual([12, 6 * DAY_HOURS + 12]);
  });

  it.each([
    'Mon',
    'Mon 8',
    'Mon 8-8',
    'Mon 24-25',
    'Mon 8-25',
    'Foo 1-2',
    'Mon-Tue-Wed 1-2',
    '8-9',
    'Mon 1-2;',
    '; ',
    'x'.repeat(2_000),
  ])('are nothing else: %s', (text) => expect(parseHours(text)).toBeNull());

  it('never throw for what somebody typed', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 60 }),
        (text) => void [parseHours(text), parsePrices(text), parseApps(text)],
      ),
    );
  });
});

describe('prices of a day', () => {
  it('are one for each hour', () => {
    const prices = parsePrices('22-6 0.18; 6-22 -0.0234');
    expect(prices).toHaveLength(DAY_HOURS);
    expect([prices?.[0], prices?.[5], prices?.[6], prices?.[21], prices?.[22]]).toEqual([
      0.18, 0.18, -0.0234, -0.0234, 0.18,
    ]);
    expect(parsePrices(' ')).toEqual([]);
  });

  it.each(['0-24', '0-23 1', '0-24 1; 3-4 2', '0-24 1 2', '0-24 1e3', '0-24 1,5', '0-24 NaN', 'Mon 0-24 1'])(
    'are nothing else: %s',
    (text) => expect(parsePrices(text)).toBeNull(),
  );
});

describe('listed programs', () => {
  it('are names of files', () => {
    expect(parseApps(' vlc,  Cyberpunk2077.exe ,Google Chrome,')).toEqual([
      'vlc',
      'Cyberpunk2077.exe',
      'Google Chrome',
    ]);
    expect(parseApps('')).toEqual([]);
  });

  it.each(['/usr/bin/vlc', 'C:\\x.exe', '.exe', 'a\nb', 'x'.repeat(65), Array(33).fill('a').join()])(
    'are nothing else: %j',
    (text) => expect(parseApps(text)).toBeNull(),
  );
});
