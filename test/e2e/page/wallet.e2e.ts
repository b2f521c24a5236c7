import { describe, expect, it } from 'vitest';
import type { View } from '../../../src-shared/contract/page/sections.ts';
import { accessibilityFaults } from './axe.ts';
import * as money from './money-scenes.ts';
import { executablePath, pageRig, phone } from './rig.ts';

const now = Date.now();
const tall = { width: 1280, height: 1500 };

/** What the screen says in each state, and a line to wait for. */
const states: readonly (readonly [string, () => View, string])[] = [
  ['none', money.none, 'Make a wallet'],
  ['found', money.found, 'Found on this computer'],
  ['loading', () => money.loading(now), 'Reading the account from the chain.'],
  ['full', () => money.full(now), 'τ 21.3308'],
  ['stale', () => money.stale(now), 'What stands below is from'],
  ['unread', () => money.unread(now), 'Not read yet.'],
  ['without-quote', () => money.withoutQuote(now), 'at least'],
  ['unproved', () => money.unproved(now), 'Verify the backup first.'],
  ['watch-only', () => money.watchOnly(now), 'The coldkey is not on this computer.'],
  ['practice', () => money.practising(now), 'PRACTICE'],
];

describe.skipIf(!executablePath)('the wallet', () => {
  const rig = pageRig();

  it.each(states)('shows %s, and axe finds nothing wrong', async (name, view, line) => {
    rig.host.answer('worthSeries', money.worthSeries(now));
    await rig.open(view(), { screen: 'wallet', viewport: tall });
    await rig.page.getByText(line).first().waitFor();
    await rig.inBothThemes(async (theme) => {
      await rig.shoot(`wallet-${name}-${theme}`);
      expect(await accessibilityFaults(rig.page)).toEqual([]);
    });
  });

  it.each(['wallet', 'staking'])('shows %s on a phone', async (screen) => {
    rig.host.answer('worthSeries', money.worthSeries(now));
    await rig.open(money.full(now), { screen, viewport: { ...phone, height: 2_200 }, colorScheme: 'dark' });
    await rig.page.getByText('subnet 64').first().or(rig.page.getByText('Chutes').first()).first().waitFor();
    await rig.shoot(`${screen}-full-dark-480`);
    expect(await accessibilityFaults(rig.page)).toEqual([]);
  });

  it('keeps every screen within reach of a narrow window', async () => {
    await rig.open(money.full(now), { viewport: phone });
    await rig.page.getByRole('button', { name: 'More', exact: true }).click();
    await rig.page.getByRole('link', { name: 'Join' }).waitFor();
    await rig.shoot('rail-more-light-480');
    expect(await accessibilityFaults(rig.page)).toEqual([]);
    await rig.page.getByRole('link', { name: 'Settings' }).click();
    await rig.page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
    expect(await rig.page.getByRole('link', { name: 'Join' }).count()).toBe(0);
  });
});
