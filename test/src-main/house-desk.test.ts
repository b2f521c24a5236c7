import { expect, it, onTestFinished, vi } from 'vitest';
import { openHouseDesk } from '../../src-main/house-desk.ts';
import { openDesk } from '../../src-main/rules/desk.ts';
import type { LiveRun } from '../../src-main/runs/live-run.ts';
import type { Runs } from '../../src-main/runs/runs.ts';
import { listeners } from '../../src-node/listeners.ts';
import { emptyView, type HostSections } from '../../src-shared/contract/page/sections.ts';
import type { HouseRest } from '../../src-shared/rules/reasons.ts';
import { defaultSettings, type SettingId, type SettingValues } from '../../src-shared/settings.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { soon } from '../soon.ts';

/** A desk over runs that note what they are told to obey. */
function rig(values: Partial<SettingValues>) {
  const runEvents = listeners<Record<string, unknown>>();
  const live = new Map<Ss58, LiveRun>();
  const settingEvents = listeners<{ change: SettingId }>();
  const settings = {
    values: { ...defaultSettings, ...values },
    onChange: (listener: (id: SettingId) => void) => settingEvents.on('change', listener),
  };
  const shown: Partial<HostSections>[] = [];
  const desk = openDesk();
  desk.tell({ onBattery: false });
  const view = emptyView({ version: '', shell: 'web', dataDir: '', program: 'npm start --' });
  const log = vi.fn();
  const house = openHouseDesk({
    ...{ settings, desk, log },
    runs: { live, on: runEvents.on } as unknown as Runs,
    keeper: { view, update: (sections) => void shown.push(sections) },
    cards: () => 'unread',
  });
  onTestFinished(() => house.stop());
  return {
    ...{ house, desk, shown, log },
    choose(id: SettingId, value: boolean | number | string) {
      settings.values = { ...settings.values, [id]: value };
      settingEvents.emit('change', id);
    },
    begin(id: string, refuses = false) {
      const obeyed: (HouseRest | null)[] = [];
      const one = {
        id,
        async obey(rest: HouseRest | null) {
          obeyed.push(rest);
          if (refuses) throw new Error('no answer');
        },
      } as unknown as LiveRun;
      live.set(id as Ss58, one);
      runEvents.emit('begun', one);
      return obeyed;
    },
  };
}

const battery = { reason: 'battery', params: {}, untilMs: null };

it('every run obeys, one that begins later too, and one that does not answer keeps no other from it', async () => {
  const { desk, begin, shown, log } = rig({});
  const [first, broken] = [begin('a'), begin('b', true)];
  desk.tell({ onBattery: true });
  expect([first.at(-1), broken.at(-1), begin('c')]).toEqual([battery, battery, [battery]]);
  expect(shown.at(-1)?.house?.rest).toEqual(battery);
  await soon(() => expect(log).toHaveBeenCalledWith(expect.stringContaining('house rules: b')));
});

it('a rule holds as soon as it is chosen, not at the next look, and until it is chosen away', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { begin, choose } = rig({});
  const obeyed = begin('a');
  await vi.advanceTimersByTimeAsync(0);
  choose('rules.hours', 'never');
  await vi.advanceTimersByTimeAsync(0);
  expect(obeyed.at(-1)?.reason).toBe('hours');
  choose('rules.hours', '');
  await vi.advanceTimersByTimeAsync(0);
  expect(obeyed.at(-1)).toBeNull();
});

it('rules are looked at for a page alone too, and say there what nobody can tell', async () => {
  const { house, shown } = rig({ 'rules.celsius': 80, 'rules.hours': 'never' });
  expect(shown).toEqual([]);
  const leave = house.whileLooked(() => () => undefined)(null);
  await soon(() => expect(shown.at(-1)?.house?.rest?.reason).toBe('hours'));
  expect(shown.at(-1)?.house?.untold).toEqual([]);
  leave();
});
