import { describe, expect, it } from 'vitest';
import type { View } from '../../../src-shared/contract/page/sections.ts';
import { accessibilityFaults } from './axe.ts';
import * as money from './money-scenes.ts';
import { executablePath, pageRig } from './rig.ts';

const now = Date.now();
const tall = { width: 1280, height: 1100 };

const states: readonly (readonly [string, () => View, string])[] = [
  ['none', money.none, 'No wallet yet'],
  ['loading', () => money.loading(now), 'Reading the account from the chain.'],
  ['stale', () => money.stale(now), 'What stands below is from'],
  ['unread', () => money.unread(now), 'Not read yet.'],
  ['watch-only', () => money.watchOnly(now), 'The coldkey is not on this computer.'],
  ['practice', () => money.practising(now), 'PRACTICE'],
  ...money.states.map(
    (state, index) =>
      [`step-${index}-${state.kind}`, () => money.standing(now, state), 'Last transaction'] as const,
  ),
];

describe.skipIf(!executablePath)('staking', () => {
  const rig = pageRig();
  const open = (view: View) => rig.open(view, { screen: 'staking', viewport: tall });
  const lookAt = (name: string) =>
    rig.inBothThemes(async (theme) => {
      await rig.shoot(`staking-${name}-${theme}`);
      expect(await accessibilityFaults(rig.page)).toEqual([]);
    });

  it.each(states)('shows %s, and axe finds nothing wrong', async (name, view, line) => {
    await open(view());
    await rig.page.getByText(line).first().waitFor();
    await lookAt(name);
  });

  it('shows what an order would do, and axe finds nothing wrong', async () => {
    rig.host.answer('quoteMoney', money.stakeQuote(now));
    await open(money.full(now));
    await rig.page.getByLabel('Amount').fill('2');
    await rig.page.getByText('α 104.8712', { exact: true }).first().waitFor();
    await lookAt('quote');
  });
});
