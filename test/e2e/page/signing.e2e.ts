import { describe, expect, it } from 'vitest';
import { FINNEY, HOTKEY, RIGHT_PASSWORD, stakeReview } from '../../fakes/orders.ts';
import { executablePath } from './rig.ts';
import { signingRig } from './signing-rig.ts';

/** Sign counts from a second after an order came. */
const SETTLED = { timeout: 5_000 };

describe.skipIf(!executablePath)('a review in the signing window', () => {
  const rig = signingRig();
  const button = (name: string) => rig.page.getByRole('button', { name, exact: true });
  const password = () => rig.page.getByLabel('Password of coldkey “main”');
  const says = (text: string) => rig.page.locator('main').getByText(text).first().waitFor();
  const focused = () => rig.page.evaluate('document.activeElement.textContent');

  it('shows what the bytes say, whole addresses by their names, and has the harmless button in focus', async () => {
    rig.orders.ask(stakeReview());
    await rig.open();
    const { page } = rig;
    await expect.poll(() => page.locator('h1').textContent()).toContain('Stake τ 2.000000000');
    expect(await focused()).toBe('Deny');
    const text = await page.locator('main').innerText();
    expect(text).toContain('its own place: the page cannot read or press anything here');
    expect(text).toContain(HOTKEY.match(/.{1,4}/g)?.join(' '));
    expect(text).toContain('your miner');
    expect(text).toContain('τ 2.000177');
    expect(text).toContain('by selling');
    await page.getByText('What the bytes say').click();
    expect(await page.locator('main').innerText()).toContain('19166000');
    await rig.shoot('signing-review-light');
  });

  it('tells what is unusual about it, whatever the page showed', async () => {
    const params = { address: HOTKEY, known: HOTKEY };
    const warnings = [
      { code: 'FIRST_ORDER', params: {} },
      { code: 'RECEIVER_LOOKS_LIKE', params },
    ] as const;
    rig.orders.ask(stakeReview({ warnings }));
    await rig.open();
    await says('begins and ends like');
    expect(await rig.page.getByRole('listitem').count()).toBe(2);
    await rig.shoot('signing-warnings-light');
  });

  it('names an endpoint that Butterfly does not come with, and how new it is', async () => {
    const network = { name: 'finney', mark: null, genesis: FINNEY, isReal: true };
    const endpointChosen = { sinceMs: Date.now() - 125_000 };
    rig.orders.ask(stakeReview({ network, endpoint: 'node.example:443', endpointChosen }));
    await rig.open();
    await says('not one that Butterfly comes with; in the settings for 2 min');
    await rig.shoot('signing-endpoint-light');
  });

  it('is signed with the password, and says what happens next', async () => {
    rig.orders.ask(stakeReview());
    await rig.open();
    expect(await button('Sign').isDisabled()).toBe(true);
    await password().fill(RIGHT_PASSWORD);
    await button('Sign').click();
    await says('Signed and handed over');
    expect(rig.orders.approved).toEqual([RIGHT_PASSWORD]);
    // The host's bytes of it are gone.
    expect(rig.orders.passwords.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
    await rig.shoot('signing-signed-light');
  });

  it('is denied by its button and by Escape', async () => {
    rig.orders.ask(stakeReview());
    await rig.open();
    await button('Deny').click();
    await says('You said no');
    rig.orders.ask(stakeReview({ id: 'order-2' }));
    await button('Deny').waitFor();
    await rig.page.keyboard.press('Escape');
    await says('You said no');
    expect(rig.orders.denied).toEqual(['order-1', 'order-2']);
    expect(rig.orders.approved).toEqual([]);
  });

  it('is not signed by Enter in the password field, which leads to the button that does', async () => {
    rig.orders.ask(stakeReview());
    await rig.open();
    await rig.page.keyboard.press('Shift+Tab');
    await password().focus();
    await rig.page.keyboard.type(RIGHT_PASSWORD);
    await expect.poll(() => button('Sign').isEnabled(), SETTLED).toBe(true);
    await rig.page.keyboard.press('Enter');
    expect(await focused()).toBe('Sign');
    expect(rig.orders.approved).toEqual([]);
    await rig.page.keyboard.press('Enter');
    await says('Signed and handed over');
  });

  it('keeps everything over three wrong passwords, and counts the wait down', async () => {
    rig.orders.ask(stakeReview({ typedConsent: '2 TAO' }));
    await rig.open();
    await rig.page.getByText('What the bytes say').click();
    await rig.page.getByLabel('Type 2 TAO to agree').fill('2 TAO');
    for (const _ of [1, 2]) {
      await password().fill('not this one');
      await button('Sign').click();
      await rig.page.getByText('does not open with this password').waitFor();
      await expect.poll(() => password().isEnabled()).toBe(true);
    }
    await rig.shoot('signing-wrong-light');
    await password().fill('nor this');
    await button('Sign').click();
    await rig.page.getByText(/The next one is taken in 0:0\d/).waitFor();
    expect(await button('Sign').isDisabled()).toBe(true);
    expect(await rig.page.getByLabel('Type 2 TAO to agree').inputValue()).toBe('2 TAO');
    expect(await rig.page.locator('details').getAttribute('open')).not.toBeNull();
    expect(await password().inputValue()).toBe('nor this');
    await password().fill(RIGHT_PASSWORD);
    await expect.poll(() => button('Sign').isEnabled()).toBe(true);
    await button('Sign').click();
    await says('Signed and handed over');
  });

  it('is not signed before the amount was typed where that is asked', async () => {
    rig.orders.ask(stakeReview({ typedConsent: '2 TAO' }));
    await rig.open();
    await password().fill(RIGHT_PASSWORD);
    expect(await button('Sign').isDisabled()).toBe(true);
    await rig.page.getByLabel('Type 2 TAO to agree').fill('20 TAO');
    expect(await button('Sign').isDisabled()).toBe(true);
    await rig.page.getByLabel('Type 2 TAO to agree').fill('2 TAO');
    await expect.poll(() => button('Sign').isEnabled(), SETTLED).toBe(true);
  });

  it('can be stopped while the password becomes a key, and answers meanwhile', async () => {
    rig.orders.hold();
    rig.orders.ask(stakeReview());
    await rig.open();
    await password().fill(RIGHT_PASSWORD);
    await button('Sign').click();
    await says('Your password becomes a key');
    await rig.shoot('signing-unlocking-light');
    await rig.page.getByText('What the bytes say').click();
    expect(await rig.page.locator('details').getAttribute('open')).not.toBeNull();
    await button('Stop').click();
    await expect.poll(() => password().isEnabled()).toBe(true);
    expect(rig.orders.approved).toEqual([]);
    expect(await rig.page.getByRole('alert').count()).toBe(0);
  });

  it('points blanks and a pasted line break out, and takes none away', async () => {
    rig.orders.ask(stakeReview());
    await rig.open();
    await password().fill(' two ');
    await rig.page.getByText('It begins with a blank').waitFor();
    await rig.page.getByText('It ends with a blank').waitFor();
    await password().evaluate((field: { dispatchEvent(event: unknown): void }) => {
      const page = globalThis as unknown as {
        DataTransfer: new () => { setData(type: string, text: string): void };
        ClipboardEvent: new (type: string, init: object) => unknown;
      };
      const clipboardData = new page.DataTransfer();
      clipboardData.setData('text', 'secret\n');
      field.dispatchEvent(new page.ClipboardEvent('paste', { clipboardData }));
    });
    await rig.page.getByText('What you pasted held a line break').waitFor();
    expect(await password().inputValue()).toBe(' two ');
  });

  it('says where a real network is signed, and has no field for its password', async () => {
    const network = { name: 'finney', mark: null, genesis: FINNEY, isReal: true };
    rig.orders.ask(stakeReview({ network }));
    await rig.open();
    await rig.page.getByText('npm start -- stake --network finney').waitFor();
    expect(await rig.page.locator('input').count()).toBe(0);
    expect(await button('Sign').count()).toBe(0);
    await rig.shoot('signing-not-here-light');
    await button('Deny').click();
    await says('You said no');
  });

  it('signs a coldkey without a password at its button alone', async () => {
    rig.orders.ask(stakeReview({ opens: 'plain' }));
    await rig.open();
    expect(await rig.page.locator('input').count()).toBe(0);
    await button('Sign').click();
    await says('Signed and handed over');
  });

  it('signs nothing by a click that was meant for what stood there before', async () => {
    rig.orders.ask(stakeReview({ opens: 'plain' }));
    await rig.open();
    await rig.page.clock.install();
    await rig.page.clock.pauseAt(Date.now() + 30_000);
    rig.orders.ask(stakeReview({ id: 'order-2', opens: 'plain', most: 'τ 9' }));
    await says('τ 9');
    expect(await button('Sign').isDisabled()).toBe(true);
    await rig.page.clock.runFor(1_000);
    await button('Sign').click();
    await says('Signed and handed over');
    expect(rig.orders.approved).toEqual([null]);
    await rig.close();
  });

  it('tells an order that is over, taken back or not taken by the chain', async () => {
    rig.orders.ask(stakeReview({ expiresAtMs: Date.now() - 1 }));
    await rig.open();
    rig.orders.ask(null);
    await says('Too late: nothing was signed');
    rig.orders.ask(stakeReview({ id: 'order-2' }));
    await button('Deny').waitFor();
    rig.orders.ask(null);
    await says('Taken back: nothing was signed');
    rig.orders.ask(stakeReview({ id: 'order-3' }));
    await password().fill(RIGHT_PASSWORD);
    rig.orders.refuse({ code: 'REVIEW_OUTDATED', params: {} });
    await button('Sign').click();
    await says('Not signed, or not taken');
  });

  it('comes back after a reload', async () => {
    rig.orders.ask(stakeReview());
    await rig.open();
    await rig.page.reload();
    await button('Deny').waitFor();
    expect(await focused()).toBe('Deny');
  });

  it.each([480, 2560])('fits a window of %i', async (width) => {
    rig.orders.ask(stakeReview({ typedConsent: '2 TAO' }));
    await rig.open({ width, colorScheme: 'dark' });
    await button('Deny').waitFor();
    expect(await rig.page.evaluate('document.querySelector(".scroller").scrollWidth <= innerWidth')).toBe(
      true,
    );
    await rig.shoot(`signing-review-dark-${width}`);
  });
});
