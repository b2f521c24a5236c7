import { describe, expect, it } from 'vitest';
import { freeHouse } from '../../../src-shared/contract/page/house.ts';
import type { HouseRest } from '../../../src-shared/rules/reasons.ts';
import { defaultSettings, type SettingValues } from '../../../src-shared/settings.ts';
import { accessibilityFaults } from './axe.ts';
import * as inPage from './in-page.ts';
import { desktop, executablePath, pageRig, phone } from './rig.ts';
import { housePaused, idle, training } from './scenes.ts';

const film: HouseRest = { reason: 'full-screen', params: {}, untilMs: null };
const now = Date.now();

describe.skipIf(!executablePath)('the house rules', () => {
  const rig = pageRig();
  const card = () => rig.page.getByRole('region', { name: 'House rules' });
  const cell = (name: string) => rig.page.getByRole('gridcell', { name, exact: true });
  const chosen = (values: Partial<SettingValues>) => ({ settings: { ...defaultSettings, ...values } });
  const lastSet = () => rig.argsOf('setSetting').at(-1);

  async function openRules(values: Partial<SettingValues> = {}, viewport = desktop): Promise<void> {
    await rig.open({ ...idle(), ...chosen(values) }, { screen: 'settings', viewport });
    await card().waitFor();
  }

  it('say what holds now, and fit wide and narrow windows in both themes', async () => {
    for (const viewport of [desktop, phone, { width: 320, height: 800 }]) {
      await openRules(
        { 'rules.hours': 'Mon-Fri 0-7 20-24; Sat-Sun 0-24', 'rules.fullScreen': true },
        viewport,
      );
      await card().getByText('It may work now.').waitFor();
      rig.host.show({ house: { ...freeHouse, rest: film, untold: ['battery'] } });
      await card().getByText('A program fills the screen. Goes on by itself soon after.').waitFor();
      await card().getByText('Nobody here tells Butterfly what this computer runs on').waitFor();
      await rig.inBothThemes(async (theme) => {
        expect(await accessibilityFaults(rig.page)).toEqual([]);
        await card().getByRole('heading').scrollIntoViewIfNeeded();
        await rig.shoot(`house-${theme}-${viewport.width}`);
        await rig.page.getByRole('grid').scrollIntoViewIfNeeded();
        await rig.shoot(`house-hours-${theme}-${viewport.width}`);
      });
      expect(await rig.page.evaluate(inPage.measured)).toEqual(inPage.fitting);
    }
  });

  it('are set aside for a time that a person chooses, and hold again at a word', async () => {
    await openRules();
    rig.host.show({ house: { ...freeHouse, rest: film } });
    await card().getByRole('button', { name: 'Work anyway' }).click();
    await rig.page.getByRole('menuitem', { name: '3 hours' }).click();
    await expect.poll(() => rig.argsOf('setHouseAside')).toEqual([[180]]);
    rig.host.show({ house: { ...freeHouse, asideUntilMs: now + 3 * 3_600_000 } });
    await card().getByText('You set them aside until').waitFor();
    await card().getByRole('button', { name: 'Keep the rules again' }).click();
    await expect.poll(() => rig.argsOf('setHouseAside')).toEqual([[180], [null]]);
  });

  it('are said on the dashboard where they hold a run, with a way around them', async () => {
    await rig.open(housePaused(now));
    await rig.page.getByText('This computer runs on battery. Goes on by itself on mains power.').waitFor();
    await rig.page.getByText('or press Work anyway').waitFor();
    await rig.shoot('paused-by-rule');
    await rig.page.getByRole('banner').getByRole('button', { name: 'Work anyway' }).click();
    await rig.page.getByRole('menuitem', { name: '1 hour' }).click();
    await expect.poll(() => rig.argsOf('setHouseAside')).toEqual([[60]]);
    rig.host.show(training(now));
    await rig.page.getByRole('button', { name: 'Pause', exact: true }).click();
    await rig.page.getByRole('menuitem', { name: 'Until tomorrow, 8:00' }).click();
    const [, minutes] = rig.argsOf('pauseRun')[0] as [string, number];
    const end = new Date(Date.now() + minutes * 60_000);
    expect([end.getHours(), end.getDate() === new Date().getDate()]).toEqual([8, false]);
  });

  it('have a week that is painted with the mouse, a stroke a change', async () => {
    await openRules();
    await cell('Mon 8 to 9').hover();
    await rig.page.mouse.down();
    await cell('Mon 9 to 10').hover();
    await cell('Tue 9 to 10').hover();
    await rig.page.mouse.up();
    await expect.poll(lastSet).toEqual(['rules.hours', 'Mon 0-8 10-24; Tue 0-9 10-24; Wed-Sun 0-24']);
    expect(rig.argsOf('setSetting')).toHaveLength(1);
    await rig.page.getByRole('button', { name: 'Sun', exact: true }).click();
    await expect.poll(lastSet).toEqual(['rules.hours', 'Mon 0-8 10-24; Tue 0-9 10-24; Wed-Sat 0-24']);
    await rig.page.getByRole('button', { name: 'Nights', exact: true }).click();
    await expect.poll(lastSet).toEqual(['rules.hours', 'Mon-Sun 0-6 22-24']);
  });

  it('have a week that is set by the keyboard alone, in the picture or in words', async () => {
    await openRules({ 'rules.hours': 'never' });
    await cell('Mon 0 to 1').focus();
    for (const key of ['ArrowRight', 'ArrowDown', ' ']) await rig.page.keyboard.press(key);
    await expect.poll(lastSet).toEqual(['rules.hours', 'Tue 1-2']);
    expect(await cell('Tue 1 to 2').getAttribute('aria-selected')).toBe('true');
    for (const key of ['End', 'ArrowRight', 'Enter']) await rig.page.keyboard.press(key);
    await expect.poll(lastSet).toEqual(['rules.hours', 'Tue 1-2 23-24']);
    const words = rig.page
      .getByLabel('Hours in which it may work', { exact: true })
      .and(rig.page.getByRole('textbox'));
    await words.fill('whenever');
    await words.press('Enter');
    await rig.page.getByText('It needs days and hours like Mon-Fri 22-6').waitFor();
    await words.fill('Mon-Fri 22-6');
    await words.press('Enter');
    await expect.poll(lastSet).toEqual(['rules.hours', 'Mon-Fri 22-6']);
  });

  it('say in which hours electricity is cheap enough', async () => {
    await openRules({ 'rules.priceMost': 0.3 });
    await card().getByText('Write the prices above first').waitFor();
    const prices = { 'rules.priceMost': 0.3, 'rules.prices': '22-6 0.18; 6-22 0.34' };
    rig.host.show(chosen(prices));
    await card().getByText('It may work in these hours of a day: 0-6, 22-24.').waitFor();
    rig.host.show(chosen({ ...prices, 'rules.priceMost': 0.1 }));
    await card().getByText('No hour of the day is as cheap: it never works.').waitFor();
  });

  it.each([
    ['Rest while these programs run', '/usr/bin/vlc', 'It needs up to 32 names of programs'],
    ['What electricity costs by the hour', '0-6 0.2', 'It needs hours and a price'],
  ])('tell at "%s" what it does not accept', async (label, typed, said) => {
    await openRules();
    await rig.page.getByLabel(label).fill(typed);
    await rig.page.getByLabel(label).press('Enter');
    await rig.page.getByText(said).waitFor();
    expect(rig.argsOf('setSetting')).toEqual([]);
  });
});
