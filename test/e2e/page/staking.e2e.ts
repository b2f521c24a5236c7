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

  it('shows who validates where stake could go, and takes the one that is chosen', async () => {
    await open(money.standing(now, { kind: 'in-block', block: 6_204_120 }));
    await rig.page.getByText('on its way here').waitFor();
    await rig.page.getByRole('button', { name: 'Choose 5DAA…TXFy' }).click();
    await rig.page.getByRole('button', { name: 'Chosen 5DAA…TXFy' }).waitFor();
    expect(await rig.page.getByRole('combobox', { name: 'To hotkey' }).inputValue()).toContain('5DAA');
    await lookAt('validators');
    rig.host.refuse('validators', { code: 'SUBNET_ABSENT', params: { netuid: 9, chain: 'ws://x' } });
    await rig.page.getByLabel('Subnet', { exact: true }).fill('9');
    await rig.page.getByText('There is no subnet 9').waitFor();
  });

  it('asks again at the block that can take an order, and sends nothing by itself', async () => {
    rig.host.answer('quoteMoney', money.stakeQuote(now));
    const view = money.standing(now, money.rests);
    await open(view);
    await rig.page.getByRole('button', { name: 'Ask again at block 6,204,120' }).click();
    await rig.page.getByText('Asked for again at block 6,204,120').waitFor();
    await lookAt('retry-waits');
    expect(rig.argsOf('quoteMoney')).toEqual([]);
    rig.host.show({ account: money.atBlock(view.account, 6_204_119) });
    await rig.page.getByText('α 104.8712', { exact: true }).first().waitFor();
    expect(rig.argsOf('quoteMoney')).toHaveLength(1);
    expect(rig.argsOf('askMoney')).toEqual([]);
  });

  it('leads a hotkey of one’s own to a place where it has none', async () => {
    const hotkey = money.main.hotkeys[0]?.address ?? '';
    const params = { hotkey, netuid: 38 };
    const warnings = [{ code: 'HOTKEY_NOT_ON_SUBNET', params }] as const;
    rig.host.answer('quoteMoney', money.stakeQuote(now, { warnings }));
    await open(money.full(now));
    await rig.page.getByLabel('Amount').fill('2');
    await rig.page.getByRole('link', { name: 'Join a run there to get it one' }).click();
    await rig.page.getByRole('heading', { level: 1 }).waitFor();
    expect(await rig.page.evaluate('location.hash')).toBe('#/join');
  });

  it('shows what an order would do, and axe finds nothing wrong', async () => {
    rig.host.answer('quoteMoney', money.stakeQuote(now));
    await open(money.full(now));
    await rig.page.getByLabel('Amount').fill('2');
    await rig.page.getByText('α 104.8712', { exact: true }).first().waitFor();
    await lookAt('quote');
  });
});
