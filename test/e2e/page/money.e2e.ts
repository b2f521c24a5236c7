import { beforeEach, describe, expect, it } from 'vitest';
import type { View } from '../../../src-shared/contract/page/sections.ts';
import { rao } from '../../../src-shared/units.ts';
import { accessibilityFaults } from './axe.ts';
import * as inPage from './in-page.ts';
import * as money from './money-scenes.ts';
import { executablePath, pageRig } from './rig.ts';
import { me } from './scenes.ts';

/** Money asked for by mouse and by key: what the host is asked, and what stays when something goes wrong. */
describe.skipIf(!executablePath)('money on the page', () => {
  const rig = pageRig();
  const now = () => Date.now();

  beforeEach(() => {
    rig.host.answer('worthSeries', []);
    rig.host.answer('openSigning', 'about:blank#signing');
    rig.host.answer('quoteMoney', money.stakeQuote(now(), { expiresAtMs: now() + 600_000 }));
  });

  const open = (screen: 'wallet' | 'staking', view: View = money.full(now())) => rig.open(view, { screen });
  const amount = () => rig.page.getByLabel('Amount', { exact: true });
  const review = () => rig.page.getByRole('button', { name: 'Review' });
  const canReview = () => expect.poll(() => review().isEnabled()).toBe(true);
  const quotedOrders = () => rig.argsOf('quoteMoney').map(([order]) => order);

  describe('staking', () => {
    it('is three clicks from the wallet, the last of them in the signing window', async () => {
      await open('wallet');
      await rig.page.getByRole('link', { name: 'Stake or unstake' }).click();
      await expect.poll(() => rig.page.evaluate(inPage.focusedWords)).toBe('Amount');
      await rig.page.keyboard.type('2');
      await canReview();
      const popup = rig.page.waitForEvent('popup');
      await review().click();
      await popup;
      await expect.poll(() => rig.argsOf('askMoney')).toEqual([[money.quoteId]]);
      await expect.poll(() => rig.argsOf('openSigning')).toHaveLength(1);
      expect(quotedOrders()[0]).toEqual({
        account: { network: 'finney', coldkey: money.coldkey },
        intent: { kind: 'stake', netuid: 38, hotkey: me, amountRao: 2_000_000_000n, toleranceBps: 100 },
      });
    });

    it('goes by keyboard alone', async () => {
      await open('staking');
      await amount().focus();
      await rig.page.keyboard.type('2');
      await canReview();
      for (let tabs = 0; tabs < 20; tabs++) {
        if ((await rig.page.evaluate(inPage.focusedWords)) === 'Review') break;
        await rig.page.keyboard.press('Tab');
      }
      const popup = rig.page.waitForEvent('popup');
      await rig.page.keyboard.press('Enter');
      await popup;
      await expect.poll(() => rig.argsOf('askMoney')).toHaveLength(1);
    });

    it.each([
      ['1,5', 'No commas'],
      ['1e3', 'No exponent'],
      ['0.0000000001', 'At most nine places'],
      ['18446744073.709551616', 'More than there can ever be'],
      ['13', 'That is more than there is.'],
    ])('takes no amount like %s, and says why', async (text, why) => {
      await open('staking');
      await amount().fill(text);
      await rig.page.getByText(why).waitFor();
      expect(await review().isEnabled()).toBe(false);
      expect(rig.argsOf('quoteMoney')).toEqual([]);
      expect(await amount().inputValue()).toBe(text);
    });

    it('of all is a text that the field takes, and keeps 0.05', async () => {
      await open('staking');
      await rig.page.getByRole('button', { name: 'All', exact: true }).click();
      expect(await amount().inputValue()).toBe('12.35713371');
      await canReview();
      expect(quotedOrders()[0]).toMatchObject({ intent: { amountRao: 'all' } });
      await rig.page.getByText('All but 0.05').waitFor();
    });

    it('keeps what was typed when it is refused, denied, or looked away from', async () => {
      await open('staking');
      await amount().fill('2');
      await canReview();
      rig.host.refuse('askMoney', { code: 'TIMEOUT', params: {} });
      await review().click();
      await rig.page.getByRole('alert').first().waitFor();
      expect(await amount().inputValue()).toBe('2');
      rig.host.show({ signing: { id: money.waitingId, kind: 'review' } });
      await rig.page.getByText('An order waits for your yes or no.').waitFor();
      const sentence = 'Stake 2 TAO';
      rig.host.show({ signing: null, signingEnded: { id: money.waitingId, how: 'denied', sentence } });
      await rig.page.getByText('You said no in the signing window. Nothing left your wallet.').waitFor();
      await canReview();
      await rig.page.getByRole('button', { name: 'Got it' }).click();
      expect(await rig.page.getByText('You said no').count()).toBe(0);
      await rig.page.getByRole('link', { name: 'Home' }).click();
      await rig.page.getByRole('link', { name: 'Staking' }).click();
      expect(await amount().inputValue()).toBe('2');
    });

    it('is barred while the chain gives no quote', async () => {
      rig.host.answer('quoteMoney', money.stakeQuote(now(), { terms: null, expiresAtMs: now() + 600_000 }));
      await open('staking');
      await amount().fill('2');
      await rig.page.getByText('No quote: the pool did not answer.').waitFor();
      await rig.shoot('staking-no-quote-light');
      expect(await review().isEnabled()).toBe(false);
      expect(await accessibilityFaults(rig.page)).toEqual([]);
    });

    it('is barred by a quote that is over, until there is a newer one', async () => {
      rig.host.answer('quoteMoney', money.stakeQuote(now(), { expiresAtMs: now() - 1 }));
      await open('staking');
      await amount().fill('2');
      await rig.page.getByText('over; a new one is asked for').waitFor();
      expect(await review().isEnabled()).toBe(false);
      rig.host.answer(
        'quoteMoney',
        money.stakeQuote(now(), { id: '3b1d5c77-0a2e-4b6f-9c8d-5e4f3a2b1c33', expiresAtMs: now() + 600_000 }),
      );
      await canReview();
    });

    it('of an unusual order is said to want its amount typed in the signing window', async () => {
      const { terms } = money.stakeQuote(now());
      rig.host.answer(
        'quoteMoney',
        money.stakeQuote(now(), {
          terms: terms?.kind === 'stake' ? { ...terms, impactBps: 612 } : terms,
          typedConsent: '12',
          expiresAtMs: now() + 600_000,
        }),
      );
      await open('staking');
      await amount().fill('12');
      await rig.page.getByText('6.12 % worse: the order itself moves the price this far').waitFor();
      await rig.page.getByText('the signing window asks you to type 12.').waitFor();
      await canReview();
      await rig.shoot('staking-consent-light');
      await review().click();
      await expect.poll(() => rig.argsOf('askMoney')).toEqual([[money.quoteId]]);
    });

    it('asks again as blocks come', async () => {
      await open('staking');
      await amount().fill('2');
      await canReview();
      const view = money.full(now());
      const { account } = view;
      await expect
        .poll(() => {
          rig.host.show({
            account: account && {
              ...account,
              holds: account.holds && { ...account.holds, block: Math.floor(now() / 100) },
            },
          });
          return rig.argsOf('quoteMoney').length;
        })
        .toBeGreaterThan(1);
    });

    it('takes away what is not locked, all of it by the chain’s own number', async () => {
      rig.host.answer('quoteMoney', { ...money.unstakeQuote(now()), expiresAtMs: now() + 600_000 });
      await open('staking');
      await rig.page.getByRole('tab', { name: 'Unstake' }).click();
      await rig.page.getByLabel('From').selectOption({ index: 1 });
      await rig.page.getByRole('button', { name: 'All', exact: true }).click();
      await canReview();
      expect(quotedOrders().at(-1)).toMatchObject({
        intent: { kind: 'unstake', netuid: 64, amountAlpha: 'all' },
      });
      await rig.shoot('staking-unstake-light');
      expect(await accessibilityFaults(rig.page)).toEqual([]);
    });

    it('tells where the window is that the browser did not open', async () => {
      await open('staking');
      await rig.page.evaluate('window.open = () => null');
      await amount().fill('2');
      await canReview();
      await review().click();
      const link = rig.page.getByRole('link', { name: 'Open the signing window' });
      await link.waitFor();
      expect(await link.getAttribute('href')).toBe('about:blank#signing');
      await rig.shoot('staking-blocked-light');
      expect(await accessibilityFaults(rig.page)).toEqual([]);
    });

    it('is greyed where the coldkey is elsewhere', async () => {
      await open('staking', money.watchOnly(now()));
      await rig.page.getByText('The coldkey is not on this computer.').waitFor();
      expect(await amount().isEnabled()).toBe(false);
      expect(await review().isEnabled()).toBe(false);
    });

    it('withdraws what waits', async () => {
      await open('staking', money.standing(now(), { kind: 'review' }));
      await rig.page.getByRole('button', { name: 'Withdraw' }).click();
      await expect.poll(() => rig.argsOf('withdrawMoney')).toEqual([[money.waitingId]]);
    });
  });

  describe('sending', () => {
    const to = () => rig.page.getByLabel('To', { exact: true });

    it('goes to a name of the address book, and says that it is the first time', async () => {
      rig.host.answer('quoteMoney', { ...money.transferQuote(now()), expiresAtMs: now() + 600_000 });
      await open('wallet');
      await to().fill('exch');
      await rig.page.getByRole('option', { name: /exchange/ }).click();
      expect(await to().inputValue()).toBe(money.friend);
      await amount().fill('1.5');
      await rig.page.getByText('You have never sent here.').waitFor();
      await canReview();
      await rig.shoot('wallet-send-light');
      expect(await accessibilityFaults(rig.page)).toEqual([]);
      expect(quotedOrders().at(-1)).toMatchObject({
        intent: { kind: 'transfer', to: money.friend, amountRao: 1_500_000_000n },
      });
    });

    it.each([
      ['15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5', 'An address of another network (prefix 0).'],
      ['5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ', 'Mistyped'],
      ['5Grwva EF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY', 'Something stands inside'],
      [`0x${'ab'.repeat(32)}`, 'This is no address but bytes.'],
    ])('goes not to %s, and says why', async (text, why) => {
      await open('wallet');
      await to().fill(text);
      await amount().fill('1');
      await rig.page.getByText(why).waitFor();
      expect(await review().isEnabled()).toBe(false);
      expect(rig.argsOf('quoteMoney')).toEqual([]);
    });

    it('gives an address a name', async () => {
      await open('wallet');
      await to().fill(me);
      await rig.page.getByRole('button', { name: 'Give it a name' }).click();
      await rig.page.keyboard.type('miner at home');
      await rig.page.keyboard.press('Enter');
      await expect.poll(() => rig.argsOf('setContact')).toEqual([[me, 'miner at home']]);
    });
  });

  describe('wallets', () => {
    it('are made by one button', async () => {
      await open('wallet', money.none());
      const popup = rig.page.waitForEvent('popup');
      await rig.page.getByRole('button', { name: 'Make a wallet' }).click();
      await popup;
      await expect
        .poll(() => rig.argsOf('startWalletTask'))
        .toEqual([[{ kind: 'make', network: 'practice', name: 'main', words: null }]]);
    });

    it('of an address alone are watched', async () => {
      await open('wallet', money.none());
      await rig.page.getByRole('button', { name: 'Only watch an address' }).click();
      await rig.page.getByLabel('Address of the coldkey').fill(money.coldkey);
      await rig.shoot('wallet-watch-light');
      expect(await accessibilityFaults(rig.page)).toEqual([]);
      await rig.page.getByRole('button', { name: 'Watch it' }).click();
      await expect
        .poll(() => rig.argsOf('watchColdkey'))
        .toEqual([[{ name: 'watched', address: money.coldkey }]]);
      await expect
        .poll(() => rig.argsOf('watchAccount'))
        .toEqual([[{ network: 'practice', coldkey: money.coldkey }]]);
    });

    it('that lie here are looked at on the network that is chosen', async () => {
      await open('wallet', money.found());
      await rig.page.getByRole('button', { name: 'Look at it on finney' }).first().click();
      await expect
        .poll(() => rig.argsOf('watchAccount'))
        .toEqual([[{ network: 'finney', coldkey: money.coldkey }]]);
    });

    it('of a practice are looked at without asking, those with real coins are not', async () => {
      await open('wallet', { ...money.practising(now()), account: null });
      await expect
        .poll(() => rig.argsOf('watchAccount'))
        .toEqual([[{ network: 'practice', coldkey: money.coldkey }]]);
    });

    it('whose words are not proved show no address, and lead to the proof', async () => {
      await open('wallet', money.unproved(now()));
      await rig.page.getByText('Verify the backup first.').waitFor();
      expect(await rig.page.getByRole('img', { name: /Address of/ }).count()).toBe(0);
      await rig.page.getByRole('button', { name: 'Verify the backup' }).click();
      await expect
        .poll(() => rig.argsOf('startWalletTask'))
        .toEqual([[{ kind: 'backup', network: 'finney', coldkey: money.coldkey }]]);
    });

    it('whose words are proved show them once more', async () => {
      await open('wallet');
      await rig.page.getByRole('button', { name: 'Show its words again' }).click();
      await expect
        .poll(() => rig.argsOf('startWalletTask'))
        .toEqual([[{ kind: 'backup', network: 'finney', coldkey: money.coldkey }]]);
      await rig.shoot('wallet-words-again-light');
    });

    it('change without a reload, and what is shown moves with the chain', async () => {
      await open('wallet');
      await rig.page.getByText('τ 21.3308').waitFor();
      const { account } = money.full(now());
      rig.host.show({
        account: account && {
          ...account,
          holds: account.holds && { ...account.holds, totalRao: rao(22_000_000_000n) },
        },
      });
      await rig.page.getByText('τ 22.0000').waitFor();
    });
  });
});
