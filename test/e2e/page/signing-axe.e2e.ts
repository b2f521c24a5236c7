import { describe, expect, it } from 'vitest';
import { FINNEY, RIGHT_PASSWORD, stakeReview } from '../../fakes/orders.ts';
import { holdKeys } from '../../locks/start-thread.ts';
import { PLAIN } from '../../src-main/vault/locked-files.ts';
import { accessibilityFaults } from './axe.ts';
import { executablePath } from './rig.ts';
import { signingRig } from './signing-rig.ts';

/** Both in the long suite, in which these long ways are gone twice. */
const themesOf = (one: 'light' | 'dark') =>
  process.env.BUTTERFLY_LONG ? (['light', 'dark'] as const) : ([one] as const);

describe.skipIf(!executablePath)('axe finds nothing wrong in the signing window', () => {
  const rig = signingRig();
  const main = () => rig.page.locator('main');
  const button = (name: string) => rig.page.getByRole('button', { name, exact: true });
  const says = (text: string) => main().getByText(text).first().waitFor();
  const look = async (what: string) =>
    expect({ what, faults: await accessibilityFaults(rig.page) }).toEqual({ what, faults: [] });

  it.each(themesOf('light'))('while an order is looked over, signed and over, %s', async (colorScheme) => {
    await rig.open({ colorScheme, reducedMotion: 'reduce' });
    await look('nothing waits');
    rig.orders.ask(stakeReview({ typedConsent: '2 TAO' }));
    await button('Deny').waitFor();
    await rig.page.getByText('What the bytes say').click();
    await look('review');
    await rig.page.getByLabel('Type 2 TAO to agree').fill('2 TAO');
    const password = rig.page.getByLabel('Password of coldkey “main”');
    for (const said of ['does not open', 'does not open', 'The next one is taken in']) {
      await password.fill(' wrong ');
      await button('Sign').click();
      await says(said);
      await look(said);
      await expect.poll(() => password.isEnabled()).toBe(true);
    }
    rig.orders.ask(stakeReview({ id: 'order-2' }));
    rig.orders.hold();
    await expect.poll(() => password.inputValue()).toBe('');
    await password.fill(RIGHT_PASSWORD);
    await button('Sign').click();
    await says('Your password becomes a key');
    await look('unlocking');
    await button('Stop').click();
    await expect.poll(() => password.isEnabled()).toBe(true);
    const network = { name: 'finney', mark: null, genesis: FINNEY, isReal: true };
    rig.orders.ask(stakeReview({ id: 'order-3', network }));
    await says('npm start -- stake');
    await look('not here');
    await button('Deny').click();
    await says('You said no');
    await look('denied');
    rig.orders.ask(stakeReview({ id: 'order-4', expiresAtMs: Date.now() - 1 }));
    rig.orders.ask(null);
    await says('Too late: nothing was signed');
    await look('expired');
    rig.orders.ask(stakeReview({ id: 'order-5' }));
    await button('Deny').waitFor();
    rig.orders.ask(null);
    await says('Taken back: nothing was signed');
    await look('taken back');
  });

  it.each(themesOf('dark'))('while a wallet is made and restored, %s', async (colorScheme) => {
    await rig.start({});
    await rig.open({ colorScheme, reducedMotion: 'reduce' });
    await rig.page.getByLabel('A password for your coldkey').fill('plenty of quiet moths');
    await look('password');
    const letGo = holdKeys();
    await button('Make it and show its words').click();
    await says('The password becomes a key');
    await look('working');
    letGo();
    await rig.page.locator('ol li').first().waitFor();
    await look('words');
    await rig.shoot(`signing-words-${colorScheme}`);
    await button('Hide').click();
    await says('The words are hidden');
    await look('hidden words');
    await button('Show the words').click();
    await button('I have them on paper').click();
    await rig.page.locator('fieldset').nth(2).waitFor();
    await look('quiz');
    await rig.shoot(`signing-quiz-${colorScheme}`);
    await button('Back to the words').click();
    await button('Later, without deposit address').click();
    await says('Its address is shown once');
    await look('done');
    await rig.start({ kind: 'restore', name: 'other' });
    await rig.page
      .getByLabel('Words, seed or private key')
      .fill('bottom drive obey lake curtain smoke basket hold race lonely fit fit');
    await says('do not fit each other');
    await look('restore');
    await rig.shoot(`signing-restore-${colorScheme}`);
    await rig.start({ kind: 'import', name: 'brought' });
    await says('Drop it here, or');
    await look('import');
    await rig.page
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name: 'coldkey', mimeType: '', buffer: Buffer.from(PLAIN) });
    await says('It holds this account');
    await look('brought');
    await rig.shoot(`signing-import-${colorScheme}`);
  });
});
