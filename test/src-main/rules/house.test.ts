import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openDesk } from '../../../src-main/rules/desk.ts';
import type { DeskReader, OwnSight, Wanted } from '../../../src-main/rules/desk-reader.ts';
import { openHouse } from '../../../src-main/rules/house.ts';
import { HOUSE_EVERY_MS, SUSPENDED_AT_MOST_MS } from '../../../src-main/rules/limits.ts';
import type { HouseView } from '../../../src-shared/contract/page/house.ts';
import { parseHours } from '../../../src-shared/rules/hours.ts';
import { type HouseRules, houseRulesOf } from '../../../src-shared/rules/house-rules.ts';
import type { Readings } from '../../../src-shared/rules/judge.ts';
import { OVER_AFTER_MS } from '../../../src-shared/rules/limits.ts';
import { defaultSettings } from '../../../src-shared/settings.ts';

const off = houseRulesOf({ ...defaultSettings, 'rules.battery': false });
const HOUR = 3_600_000;
/** A Monday's first moment. */
const MONDAY = Date.UTC(2026, 10, 30);

/** A house whose clocks and eyes are the test's. */
function rig(chosen: Partial<HouseRules> = {}) {
  vi.useFakeTimers({ now: MONDAY });
  const asked: Wanted[] = [];
  const told: HouseView[] = [];
  const it = {
    rules: { ...off, ...chosen } as HouseRules,
    sees: { onBattery: null, isFullScreen: null, idleSeconds: null, apps: null } as OwnSight,
    cards: 'unread' as Readings['cards'],
  };
  const reader: DeskReader = {
    async read(wanted) {
      asked.push(wanted);
      return it.sees;
    },
  };
  const desk = openDesk();
  const house = openHouse({
    rules: () => it.rules,
    desk,
    reader,
    cards: () => it.cards,
    nowMs: () => performance.now(),
    wallMs: () => Date.now(),
    wallHour: (ms) => ((new Date(ms).getUTCDay() + 6) % 7) * 24 + new Date(ms).getUTCHours(),
    told: (view) => told.push(view),
  });
  onTestFinished(async () => {
    await house.stop();
    vi.useRealTimers();
  });
  const reason = () => house.view.rest?.reason ?? null;
  return Object.assign(it, {
    desk,
    house,
    asked,
    told,
    reason,
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
  });
}

describe('the house', () => {
  it('looks while it is watched, and never else', async () => {
    const { house, asked, pass } = rig({ apps: ['vlc'] });
    await pass(10 * HOUSE_EVERY_MS);
    expect(asked).toEqual([]);
    house.setWatched(true);
    await pass(2 * HOUSE_EVERY_MS);
    expect(asked).toHaveLength(3);
    house.setWatched(false);
    await pass(10 * HOUSE_EVERY_MS);
    expect(asked).toHaveLength(3);
  });

  it('looks for what rules ask, and at nothing that a shell tells', async () => {
    const { house, asked, desk, pass } = rig({ restsOnBattery: true, idleMinutes: 5 });
    desk.tell({ onBattery: false });
    house.setWatched(true);
    await pass(0);
    expect(asked).toEqual([{ onBattery: false, isFullScreen: false, idleSeconds: true, apps: false }]);
  });

  it('rests and goes on by itself, telling each once', async () => {
    const bench = rig({ apps: ['vlc'] });
    bench.house.setWatched(true);
    bench.sees = { ...bench.sees, apps: ['vlc'] };
    await bench.pass(4 * HOUSE_EVERY_MS);
    expect(bench.reason()).toBe('app');
    bench.sees = { ...bench.sees, apps: [] };
    await bench.pass(OVER_AFTER_MS + 2 * HOUSE_EVERY_MS);
    expect(bench.told.map(({ rest }) => rest?.reason ?? null)).toEqual(['app', null]);
  });

  it('hears what a shell tells at once, not at the next look', async () => {
    const { house, desk, reason, pass } = rig({ restsOnBattery: true });
    house.setWatched(true);
    await pass(100);
    desk.tell({ onBattery: true });
    expect(reason()).toBe('battery');
  });

  it('looks at once when the rules are others', async () => {
    const bench = rig();
    bench.house.setWatched(true);
    bench.sees = { ...bench.sees, isFullScreen: true };
    await bench.pass(100);
    bench.rules = { ...bench.rules, restsInFullScreen: true };
    bench.house.look();
    await bench.pass(0);
    expect(bench.reason()).toBe('full-screen');
  });

  it('says which rules nobody here can tell about, once somebody has looked', async () => {
    const { house, told, pass } = rig({ apps: ['vlc'], restsInFullScreen: true });
    house.setWatched(true);
    expect(told).toEqual([]);
    await pass(0);
    expect(house.view.untold).toEqual(['app', 'full-screen']);
  });

  it('goes by the clock on the wall, over midnight and back', async () => {
    const { house, reason, pass } = rig({ hours: parseHours('Mon-Sun 22-6') });
    house.setWatched(true);
    expect(reason()).toBeNull();
    for (const [hours, expected] of [
      [6, 'hours'],
      [22, null],
      [29.9, null],
      [30.1, 'hours'],
    ] as const) {
      await pass(MONDAY + hours * HOUR - Date.now());
      expect(reason(), String(hours)).toBe(expected);
    }
    expect(house.view.rest?.untilMs).toBe(MONDAY + 46 * HOUR);
  });

  it('is set aside for a named time, and holds again by itself or at a word', async () => {
    const { house, desk, reason, pass } = rig({ restsOnBattery: true });
    house.setWatched(true);
    desk.tell({ onBattery: true });
    house.setAside(60);
    expect([reason(), house.view.asideUntilMs]).toEqual([null, MONDAY + HOUR]);
    await pass(HOUR + HOUSE_EVERY_MS);
    expect([reason(), house.view.asideUntilMs]).toEqual(['battery', null]);
    house.setAside(60);
    house.setAside(null);
    expect(reason()).toBe('battery');
  });

  it('holds again after a night that was slept through, though its own clock stood still', async () => {
    const { house, desk, reason, pass } = rig({ restsOnBattery: true });
    house.setWatched(true);
    desk.tell({ onBattery: true });
    house.setAside(60);
    vi.setSystemTime(MONDAY + 8 * HOUR);
    await pass(HOUSE_EVERY_MS);
    expect(reason()).toBe('battery');
  });

  it('rests before this computer sleeps whatever was set aside, and works after it though nobody says that it woke', async () => {
    const { house, desk, reason, pass } = rig();
    house.setWatched(true);
    house.setAside(60);
    desk.tell({ isSuspended: true });
    expect(reason()).toBe('suspended');
    await pass(SUSPENDED_AT_MOST_MS + HOUSE_EVERY_MS);
    expect(reason()).toBeNull();
    desk.tell({ isSuspended: false });
    desk.tell({ isSuspended: true });
    expect(reason()).toBe('suspended');
    desk.tell({ isSuspended: false });
    expect(reason()).toBeNull();
  });
});
