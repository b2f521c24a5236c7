import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FINNEY } from '../../fakes/orders.ts';
import { holdKeys } from '../../locks/start-thread.ts';
import { executablePath } from './rig.ts';
import { signingRig } from './signing-rig.ts';

const PASSWORD = 'plenty of quiet moths';
const WORDS = 'bottom drive obey lake curtain smoke basket hold race lonely fit walk';
const ADDRESS = '5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV';

describe.skipIf(!executablePath)('a wallet in the signing window', () => {
  const rig = signingRig();
  const main = () => rig.page.locator('main');
  const button = (name: string) => rig.page.getByRole('button', { name, exact: true });
  const says = (text: string | RegExp) => main().getByText(text).first().waitFor();
  const files = () => readdir(join(rig.root, 'main'), { recursive: true });

  async function make(): Promise<void> {
    await rig.page.getByLabel('A password for your coldkey').fill(PASSWORD);
    await button('Make it and show its words').click();
    await says('Write these 12 words on paper');
  }
  const wordsShown = async () => {
    await rig.page.locator('ol li').first().waitFor();
    return rig.page.locator('ol li b').allTextContents();
  };
  /** Answers the quiz. @param wrongly takes a word that was not asked for, at each place */
  async function answer(words: readonly string[], wrongly = false): Promise<void> {
    await rig.page.locator('fieldset').nth(2).waitFor();
    for (const place of await rig.page.locator('fieldset').all()) {
      const at = Number((await place.locator('legend').textContent())?.replace(/\D/g, ''));
      const labels = await place.locator('label').allTextContents();
      const right = words[at - 1] ?? '';
      const word = wrongly ? labels.find((label) => label.trim() !== right) : right;
      await place.getByLabel((word ?? '').trim(), { exact: true }).check();
    }
    await button('Check').click();
  }

  it('is made with one password, its words proved after one failure, and only then its address is shown', async () => {
    await rig.start({});
    await rig.open();
    await says('Make the wallet “main”');
    await rig.shoot('signing-make-light');
    await make();
    const words = await wordsShown();
    expect(words).toHaveLength(12);
    expect(await main().innerText()).toMatch(/hides in 2:[34]\d/);
    await rig.shoot('signing-words-light');
    await button('I have them on paper').click();
    await answer(words, true);
    await says('One of the three is another word');
    await rig.shoot('signing-quiz-light');
    await answer(words);
    await says('What was made');
    await rig.shoot('signing-made-light');
    const { coldkey } = rig.desk.waits === null ? await publicOf() : { coldkey: '' };
    expect((await main().innerText()).replaceAll(' ', '').replaceAll('\n', '')).toContain(coldkey);
    expect(await rig.backedUpAt(coldkey)).toBeGreaterThan(0);
    expect(await files()).toEqual(
      expect.arrayContaining(['coldkey', 'coldkeypub.txt', join('hotkeys', 'default')]),
    );
  });

  async function publicOf(): Promise<{ coldkey: string }> {
    const { ss58Address } = JSON.parse(await readFile(join(rig.root, 'main', 'coldkeypub.txt'), 'utf8'));
    return { coldkey: ss58Address };
  }

  it('shows the words again after two wrong answers, and then asks anew', async () => {
    await rig.start({ words: 24 });
    await rig.open();
    await rig.page.getByLabel('A password for your coldkey').fill(PASSWORD);
    await rig.page.keyboard.press('Enter');
    await says('Write these 24 words on paper');
    const words = await wordsShown();
    expect(words).toHaveLength(24);
    await button('I have them on paper').click();
    await answer(words, true);
    await says('One of the three is another word');
    await answer(words, true);
    await says('Twice another word');
    expect(await wordsShown()).toEqual(words);
    await button('I have them on paper').click();
    await answer(words);
    await says('What was made');
  });

  it('is there without its deposit address when the person does it later, and its words come again for the password', async () => {
    await rig.start({});
    await rig.open();
    await make();
    const words = await wordsShown();
    await button('Later, without deposit address').click();
    await says('Its address is shown once you have proved');
    const { coldkey } = await publicOf();
    expect((await main().innerText()).replaceAll(' ', '')).not.toContain(coldkey);
    expect(await rig.backedUpAt(coldkey)).toBeNull();
    await rig.startBackup(coldkey);
    await says('The words of the wallet “main”');
    await rig.page.getByLabel('Password of “main”').fill('not this one');
    await button('Show its words').click();
    await says('does not open with this password');
    await rig.page.getByLabel('Password of “main”').fill(PASSWORD);
    await button('Show its words').click();
    expect(await wordsShown()).toEqual(words);
    await button('I have them on paper').click();
    await answer(words);
    await says('The backup is proved');
    expect(await rig.backedUpAt(coldkey)).toBeGreaterThan(0);
  });

  it('keeps the words away after a reload until they are asked for, and forgets them with the window’s leave', async () => {
    await rig.start({});
    await rig.open();
    await make();
    const words = await wordsShown();
    await rig.page.reload();
    await says('The words are hidden');
    expect(await main().innerText()).not.toContain(words.slice(0, 2).join('\n'));
    await rig.shoot('signing-hidden-light');
    expect(await button('I have them on paper').isDisabled()).toBe(true);
    await button('Show the words').click();
    expect(await wordsShown()).toEqual(words);
    await button('Hide').click();
    await says('The words are hidden');
  });

  it('is restored from its words once the account was seen, whatever their spacing', async () => {
    await rig.start({ kind: 'restore' });
    await rig.open();
    const area = rig.page.getByLabel('Words, seed or private key');
    await area.fill(WORDS.replace('obey', 'obei'));
    await says('Word 3 is not in the list of words');
    await area.fill(WORDS.replace('walk', 'drive'));
    await says('These words do not fit each other');
    await rig.shoot('signing-restore-wrong-light');
    await area.fill(`  ${WORDS.toUpperCase().replaceAll(' ', '\n')} `);
    await says('They stand for this account');
    expect((await main().innerText()).replaceAll(/\s/g, '')).toContain(ADDRESS);
    await rig.page.getByLabel('A password for your coldkey').fill(PASSWORD);
    await rig.shoot('signing-restore-light');
    await button('Restore it').click();
    await says('What was restored');
    expect(await rig.backedUpAt(ADDRESS)).toBeGreaterThan(0);
  });

  it('takes no password that is too short, and says how strong one is', async () => {
    await rig.start({});
    await rig.open();
    const field = rig.page.getByLabel('A password for your coldkey');
    for (const [typed, said] of [
      ['seven77', 'Too short'],
      ['password', 'Weak'],
      ['Moths7fly9', 'Fair'],
      [PASSWORD, 'Strong'],
    ] as const) {
      await field.fill(typed);
      await says(said);
    }
    await field.fill('seven77');
    expect(await button('Make it and show its words').isDisabled()).toBe(true);
  });

  it('is not made while its password becomes a key and the person stops it', async () => {
    await rig.start({});
    await rig.open();
    await rig.page.getByLabel('A password for your coldkey').fill(PASSWORD);
    const letGo = holdKeys();
    await button('Make it and show its words').click();
    await button('Stop').click();
    letGo();
    await expect.poll(() => button('Make it and show its words').isEnabled()).toBe(true);
    expect(await readdir(rig.root)).toEqual([]);
  });

  it('of a real network is made elsewhere: no password and no words are taken in a browser', async () => {
    await rig.start({ network: 'finney' });
    await rig.open();
    await says('npm start -- wallet --create main');
    expect(await rig.page.locator('input, textarea').count()).toBe(0);
    expect(FINNEY).toHaveLength(64);
    const id = rig.desk.waits?.id ?? '';
    const secret = { password: new TextEncoder().encode(PASSWORD), backup: null };
    await expect(rig.desk.api.giveSecret(id, secret)).rejects.toMatchObject({ code: 'SIGNING_NOT_HERE' });
    await expect(rig.desk.api.readBackup(id, new TextEncoder().encode(WORDS))).rejects.toMatchObject({
      code: 'SIGNING_NOT_HERE',
    });
    expect(secret.password.every((byte) => byte === 0)).toBe(true);
    await button('Cancel').click();
    await says('Nothing waits to be signed');
    expect(await readdir(rig.root)).toEqual([]);
  });

  it('is made with the keyboard alone', async () => {
    await rig.start({});
    await rig.open();
    const { keyboard } = rig.page;
    await keyboard.type(PASSWORD);
    await keyboard.press('Enter');
    const words = await wordsShown();
    await tabTo('I have them on paper');
    await keyboard.press('Enter');
    await rig.page.locator('fieldset').nth(2).waitFor();
    for (let place = 0; place < 3; place++) {
      const field = rig.page.locator('fieldset').nth(place);
      const at = Number((await field.locator('legend').textContent())?.replace(/\D/g, ''));
      const labels = (await field.locator('label').allTextContents()).map((label) => label.trim());
      await keyboard.press('Tab');
      await keyboard.press('Space');
      for (let step = 0; step < labels.indexOf(words[at - 1] ?? ''); step++)
        await keyboard.press('ArrowDown');
    }
    await tabTo('Check');
    await keyboard.press('Enter');
    await says('What was made');
  });

  async function tabTo(name: string): Promise<void> {
    for (let presses = 0; presses < 20; presses++) {
      if ((await rig.page.evaluate('document.activeElement.textContent')) === name) return;
      await rig.page.keyboard.press('Tab');
    }
    throw new Error(`no way to ${name}`);
  }
});
