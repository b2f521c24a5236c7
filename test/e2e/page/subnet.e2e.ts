import { describe, expect, it } from 'vitest';
import type { MoneyOrder, MoneyTerms } from '../../../src-shared/contract/page/money.ts';
import type { SubnetView } from '../../../src-shared/contract/page/subnet.ts';
import { rao } from '../../../src-shared/units.ts';
import { accessibilityFaults } from './axe.ts';
import * as inPage from './in-page.ts';
import * as money from './money-scenes.ts';
import { desktop, executablePath, pageRig, phone } from './rig.ts';
import { idle, me, training } from './scenes.ts';
import { foreignSubnet, fullSubnet, lostPlace, quietSubnet, youngSubnet } from './subnet-scenes.ts';

describe.skipIf(!executablePath)('the screen Subnet', () => {
  const rig = pageRig();
  const now = Date.now();
  const open = async (view: SubnetView, viewport = { width: 1280, height: 2_000 }) => {
    rig.host.answer('subnetEconomics', view);
    await rig.open(training(now), { viewport, screen: 'subnet' });
  };

  it('tells all of a full subnet', async () => {
    await open(fullSubnet(now));
    await rig.page.getByRole('heading', { name: 'Who leaves next?' }).waitFor();
    await rig.page.getByText('τ 0.018993').first().waitFor();
    await rig.inBothThemes((theme) => rig.shoot(`subnet-${theme}`));
  });

  it('fits 480 px', async () => {
    await open(fullSubnet(now), { width: 480, height: 3_400 });
    await rig.page.getByText('τ 0.018993').first().waitFor();
    expect(await rig.page.evaluate(inPage.sidewaysOverflow)).toBeLessThanOrEqual(0);
    await rig.inBothThemes((theme) => rig.shoot(`subnet-480-${theme}`));
  });

  it('says what a young practice does not know', async () => {
    await open(youngSubnet(now));
    await rig.page.getByText('The subnet is too young').waitFor();
    await rig.inBothThemes((theme) => rig.shoot(`subnet-young-${theme}`));
  });

  it('shows nothing unknown as zero', async () => {
    await open(quietSubnet(now));
    await rig.page.getByRole('heading', { name: 'Its rules' }).waitFor();
    const said = (await rig.page.locator('main dd').allTextContents()).join(' ');
    expect(said).not.toMatch(/[τα] 0(?![.\d])|\b0 %/);
    await rig.inBothThemes((theme) => rig.shoot(`subnet-quiet-${theme}`));
  });
});

describe.skipIf(!executablePath)('what the screen Subnet tells and does', () => {
  const rig = pageRig();
  const now = Date.now();
  const open = async (view: SubnetView | undefined, viewport = desktop) => {
    rig.host.answer('subnetEconomics', view);
    await rig.open(training(now), { viewport, screen: 'subnet' });
  };

  const lookAt = (name: string) =>
    rig.inBothThemes(async (theme) => {
      await rig.shoot(`${name}-${theme}`);
      expect(await accessibilityFaults(rig.page)).toEqual([]);
    });

  it('begins with bones, and never with zeros', async () => {
    await open(undefined);
    await rig.page.getByText('Reading the subnet from the chain.').waitFor();
    expect(await rig.page.locator('main').textContent()).not.toMatch(/[τα] 0/);
    await lookAt('subnet-loading');
  });

  it('says that there is none yet', async () => {
    await rig.open(idle(), { screen: 'subnet' });
    await rig.page.getByRole('heading', { name: 'No subnet yet' }).waitFor();
    await lookAt('subnet-none');
  });

  it('keeps what it knew, with its age, when the chain does not answer', async () => {
    await open(fullSubnet(now - 420_000), { width: 1280, height: 1_200 });
    await rig.page.getByText('τ 0.018993').first().waitFor();
    rig.host.refuse('subnetEconomics', {
      code: 'CHAIN_UNREACHABLE',
      params: { endpoint: 'wss://node.example' },
    });
    await rig.page.evaluate(inPage.lookedAtAgain);
    await rig.page.getByRole('alert').filter({ hasText: 'node.example' }).waitFor();
    await rig.page.getByText(/What stands below is of block 6,204,118, \d+ min ago\./).waitFor();
    await lookAt('subnet-stale');
    await rig.page.getByRole('button', { name: 'Look again' }).click();
    await rig.page.getByText('What stands below').waitFor({ state: 'detached' });
  });

  it('says why there is nothing to see', async () => {
    rig.host.refuse('subnetEconomics', {
      code: 'CHAIN_UNREACHABLE',
      params: { endpoint: 'wss://node.example' },
    });
    await open(undefined);
    await rig.page.getByRole('alert').filter({ hasText: 'node.example' }).waitFor();
    await lookAt('subnet-error');
  });

  it('says first of all that it is somebody else’s now', async () => {
    await open(foreignSubnet(now), { width: 1280, height: 1_000 });
    await rig.page.getByRole('alert').filter({ hasText: 'Nothing is trained for it' }).waitFor();
    await rig.page.getByText('you joined Distributed Training').waitFor();
    await rig.shoot('subnet-foreign');
  });

  it('says who has a place that was lost, and spends nothing by itself', async () => {
    await open(lostPlace(now), { width: 1280, height: 1_600 });
    await rig.page.getByText('You lost your place at block 6,203,807').waitFor();
    await rig.page.getByText('Nothing was paid for a new one').waitFor();
    await rig.shoot('subnet-lost');
    expect(rig.host.asked.map(({ call }) => call).filter((call) => /quote|ask|join/i.test(call))).toEqual([]);
  });

  it('buys a place again only through the signing window, at a price that is capped', async () => {
    const lost = lostPlace(now);
    const coldkey = lost.place?.coldkey ?? null;
    if (coldkey === null) throw new Error('the scene has no coldkey');
    rig.host.answer('subnetEconomics', lost);
    await rig.open(training(now), { viewport: { width: 1280, height: 1_400 }, screen: 'subnet' });
    const terms: MoneyTerms = {
      kind: 'register',
      priceRao: rao(1_204_000_000n),
      limitRao: rao(1_324_400_000n),
      capsPrice: true,
      immunityBlocks: 5_000,
    };
    rig.host.answer('quoteMoney', money.stakeQuote(now, { terms, expiresAtMs: now + 3_600_000 }));
    const card = rig.page.getByRole('region', { name: 'Your place' });
    await card.getByRole('button', { name: 'Register again…' }).click();
    await expect.poll(() => rig.argsOf('watchAccount')).toEqual([[{ network: 'practice', coldkey }]]);
    expect(rig.argsOf('quoteMoney')).toEqual([]);
    const { account } = money.practising(now);
    if (!account) throw new Error('the scene has no account');
    rig.host.show({ account: { ...account, id: { network: 'practice', coldkey } } });
    expect(await card.getByLabel('Pay at most').inputValue()).toBe('1.3244');
    await card.getByText('Price of a place').waitFor();
    const [[order]] = rig.argsOf('quoteMoney') as [[MoneyOrder]];
    expect(order.intent).toEqual({ kind: 'register', netuid: 38, hotkey: me, limitRao: 1_324_400_000n });
    await rig.shoot('subnet-register');
    await card.getByLabel('Pay at most').fill('1,5');
    await card.getByText('Type what it may cost at most').waitFor();
    expect(rig.argsOf('askMoney')).toEqual([]);
    rig.host.show({ signingEnded: { id: money.waitingId, how: 'denied', sentence: 'Register at uid' } });
    await card.getByText('You said no in the signing window. Nothing left your wallet.').waitFor();
  });

  it('explains a figure where it stands, and how all of a card are computed', async () => {
    await open(fullSubnet(now), { width: 1280, height: 1_400 });
    await rig.page.getByRole('button', { name: 'Gini of incentive' }).click();
    await rig.page.getByRole('note').getByText('0 is all the same, near 1 is one winner').waitFor();
    await rig.page.keyboard.press('Escape');
    const card = rig.page.getByRole('region', { name: 'Who earns it?' });
    await card.getByRole('button', { name: 'How it is computed' }).click();
    const dialog = rig.page.getByRole('dialog', { name: 'How it is computed' });
    await dialog.getByText('(1 − SubnetOwnerCut) ÷ 2', { exact: true }).waitFor();
    await dialog.getByText('miners with incentive', { exact: true }).waitFor();
    await rig.shoot('subnet-how');
  });

  it('has the price as a table too, with its gap', async () => {
    await open(fullSubnet(now));
    await rig.page
      .getByRole('region', { name: 'What is one α worth?' })
      .getByRole('button', { name: 'As a table' })
      .click();
    const dialog = rig.page.getByRole('dialog', { name: 'The price of one α over time' });
    expect(await dialog.getByRole('row').count()).toBeGreaterThan(100);
    await rig.shoot('subnet-price-table');
  });

  it('keeps the user’s own mark, with its date, by keyboard', async () => {
    await open(youngSubnet(now), { width: 1280, height: 1_600 });
    const marks = rig.page.getByRole('radiogroup', { name: 'Your own mark' });
    rig.host.answer('setSubnetMark', { mark: 7, atMs: now });
    await marks.getByRole('radio', { name: '7 of 10' }).focus();
    await rig.page.keyboard.press('Space');
    await rig.page.getByText('7 of 10, given').waitFor();
    expect(rig.argsOf('setSubnetMark').map(([, mark]) => mark)).toEqual([7]);
    rig.host.answer('setSubnetMark', null);
    await rig.page.getByRole('button', { name: 'Take it back' }).click();
    await rig.page.getByText('not given').waitFor();
    expect(rig.argsOf('setSubnetMark').map(([, mark]) => mark)).toEqual([7, null]);
  });

  it('draws of 256 neurons only those that are seen, and leads a keyboard through all of them', async () => {
    await open(fullSubnet(now), { width: 1280, height: 900 });
    const grid = rig.page.getByRole('grid', { name: 'All neurons' });
    await grid.waitFor();
    expect(await grid.getAttribute('aria-rowcount')).toBe('257');
    await expect.poll(() => grid.getByRole('row').count()).toBeGreaterThan(8);
    expect(await grid.getByRole('row').count()).toBeLessThan(50);
    const focused = () => rig.page.evaluate('document.activeElement.dataset.cell');
    await grid.getByRole('columnheader', { name: 'uid' }).getByRole('button').focus();
    await rig.page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('0-0');
    await rig.page.keyboard.press('ArrowRight');
    expect(await focused()).toBe('0-1');
    await rig.page.keyboard.press('Control+End');
    await expect.poll(focused).toBe('255-9');
    await rig.page.keyboard.press('Control+Home');
    await expect.poll(focused).toBe('-1-0');
    await rig.page.keyboard.press('Enter');
    expect(await grid.getByRole('columnheader', { name: 'uid' }).getAttribute('aria-sort')).toBe('ascending');
    await rig.page.keyboard.press('Enter');
    expect(await grid.getByRole('columnheader', { name: 'uid' }).getAttribute('aria-sort')).toBe(
      'descending',
    );
    await expect.poll(() => grid.getByRole('row').nth(1).textContent()).toContain('255');
    await rig.shoot('subnet-grid');
  });

  it.each([
    ['full', fullSubnet(now)],
    ['young', youngSubnet(now)],
    ['quiet', quietSubnet(now)],
    ['foreign', foreignSubnet(now)],
    ['lost', lostPlace(now)],
    ['loading', undefined],
  ])('has nothing that axe finds wrong: %s', async (_name, view) => {
    await open(view);
    await rig.page.getByRole('heading', { name: 'Subnet 38' }).waitFor();
    if (view) await rig.page.getByRole('grid').waitFor();
    await rig.inBothThemes(async () => expect(await accessibilityFaults(rig.page)).toEqual([]));
  });

  it('fits windows of every size', async () => {
    await open(fullSubnet(now));
    await rig.page.getByText('τ 0.018993').first().waitFor();
    for (const size of [
      { width: 320, height: 640 },
      phone,
      { width: 640, height: 400 },
      { width: 900, height: 700 },
      desktop,
      { width: 2_560, height: 1_400 },
    ]) {
      await rig.page.setViewportSize(size);
      await rig.page.evaluate(inPage.scrollToEnd);
      const at = `${size.width} x ${size.height}`;
      expect({ at, ...((await rig.page.evaluate(inPage.measured)) as inPage.Measured) }).toEqual({
        at,
        ...inPage.fitting,
      });
    }
    await rig.shoot('subnet-2560');
  });
});
