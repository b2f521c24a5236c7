import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ELECTRON_MISSING, findTestElectron } from '../../../tools/build/test-electron.ts';
import { type RealElectron, startRealElectron } from './real-electron.ts';

/** A whole practice comes up, on a machine that does much else. */
const PRACTICE_MS = 240_000;
const STEP_MS = 60_000;

const found = process.env.BUTTERFLY_LONG ? findTestElectron() : null;
if (process.env.BUTTERFLY_LONG && !found) console.error(ELECTRON_MISSING);

/** What no page of ours may have, asked in the page itself. */
const POWERS = '[typeof require, typeof process, typeof module, window.opener]';

describe.skipIf(!found)('in a real Electron', () => {
  let real: RealElectron;
  let page: Page;
  beforeAll(async () => {
    if (!found) return;
    real = await startRealElectron(found);
    page = await real.app.firstWindow();
  });
  afterAll(() => real?.stop());

  const button = (on: Page, name: string) => on.getByRole('button', { name, exact: true });
  const goTo = (name: string) => page.getByRole('link', { name, exact: true }).click();
  async function opened(press: () => Promise<void>): Promise<Page> {
    const [window] = await Promise.all([real.app.waitForEvent('window', { timeout: STEP_MS }), press()]);
    await window.locator('h1').waitFor({ timeout: STEP_MS });
    return window;
  }
  const shoot = (window: Page, name: string) =>
    window.screenshot({ path: join(resolve('test-results/screens'), `electron-${name}.png`) });

  it('the page is sandboxed and has nothing of Node', async () => {
    expect(page.url()).toBe('app://butterfly/index.html');
    expect(await page.evaluate(POWERS)).toEqual(['undefined', 'undefined', 'undefined', null]);
  });

  it('a wallet is made in a window of its own, which the page cannot reach', async () => {
    await button(page, 'Theme: as the system').click();
    await goTo('Wallet');
    const signing = await opened(() => button(page, 'Make a wallet').click({ timeout: STEP_MS }));
    expect(signing.url()).toBe('app://signing/index.html');
    expect(await signing.evaluate(POWERS)).toEqual(['undefined', 'undefined', 'undefined', null]);
    // It looks as the page does, whatever the system says.
    await expect.poll(() => signing.evaluate('document.documentElement.dataset.theme')).toBe('light');
    const windows = await real.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map(({ webContents: contents }) => {
        const { sandbox, contextIsolation, nodeIntegration, webSecurity } = (
          contents as unknown as { getLastWebPreferences(): Record<string, unknown> }
        ).getLastWebPreferences();
        return { sandbox, contextIsolation, nodeIntegration, webSecurity };
      }),
    );
    const locked = { sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true };
    expect(windows).toEqual([locked, locked]);
    const sessions = await real.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map((one) => one.webContents.session.isPersistent()),
    );
    expect(sessions.sort()).toEqual([false, true]);
    expect(await page.evaluate(`window.open('app://signing/index.html', 'butterfly-signing')`)).toBeNull();
    const reading = `fetch('app://signing/index.html').then(() => 'read', () => 'refused')`;
    expect(await page.evaluate(reading)).toBe('refused');

    await signing.getByLabel('A password for your coldkey').fill('plenty of quiet moths');
    await button(signing, 'Make it and show its words').click();
    await signing.locator('ol li').first().waitFor({ timeout: STEP_MS });
    await shoot(signing, 'words');
    await page.getByText('Your wallet waits for you.').waitFor({ timeout: STEP_MS });
    await signing.close();
    await page.getByText('Your wallet waits for you.').waitFor({ state: 'detached', timeout: STEP_MS });
    // Of a real network, so it lies where the tools of the field keep theirs.
    expect(await readdir(join(real.wallets, 'main'))).toContain('coldkey');
  });

  it('an order is looked over there, and closing the window denies it', {
    timeout: PRACTICE_MS,
  }, async () => {
    await goTo('Home');
    await button(page, 'Practice').click();
    await page
      .getByText(/tokens\/s/)
      .first()
      .waitFor({ timeout: PRACTICE_MS });
    await goTo('Staking');
    const amount = page.getByLabel('Amount').first();
    await amount.fill('0.5', { timeout: STEP_MS });
    await page.getByText('Most it can cost').waitFor({ timeout: STEP_MS });
    const signing = await opened(() => button(page, 'Review').click({ timeout: STEP_MS }));
    await button(signing, 'Sign').waitFor({ timeout: STEP_MS });
    expect(await signing.locator('h1').textContent()).toContain('0.5');
    await shoot(signing, 'review');
    await page.getByText('An order waits for your yes or no.').waitFor();
    await signing.close();
    await page
      .getByText('An order waits for your yes or no.')
      .waitFor({ state: 'detached', timeout: STEP_MS });
  });
});
