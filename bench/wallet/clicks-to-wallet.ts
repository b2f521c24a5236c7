import type { Page } from 'playwright-core';
import { stageElectron } from '../../test/e2e/electron/real-electron.ts';
import { ELECTRON_MISSING, findTestElectron } from '../../tools/build/test-electron.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';
import { countClicks } from './clicks-to-stake.ts';

const HELD = { floor: 4, goal: 3 } as const;
const STEP_LIMIT_MS = 60_000;

/**
 * Clicks of a person from the first page of the app to a wallet whose words are proved to be on paper; the proof itself is
 * not counted. It is the app that is looked at: in a browser no wallet of a real network is made.
 */
export async function clicksToWallet(): Promise<Figure> {
  const electron = findTestElectron();
  if (!electron) return unmeasured('clicks-to-wallet', 'clicks', ELECTRON_MISSING, HELD);
  const staged = await stageElectron(electron);
  try {
    await using app = await staged.launch();
    const page = await app.firstWindow();
    const counted = await countClicks(page.context());
    // What counts is put into a page when it loads.
    await page.reload();
    await page.getByRole('link', { name: 'Wallet', exact: true }).click({ timeout: STEP_LIMIT_MS });
    const [signing] = await Promise.all([
      app.waitForEvent('window', { timeout: STEP_LIMIT_MS }),
      page.getByRole('button', { name: 'Make a wallet', exact: true }).click({ timeout: STEP_LIMIT_MS }),
    ]);
    const passwords = await makeWallet(signing);
    const words = await signing.locator('ol li b').allTextContents();
    await signing.getByRole('button', { name: 'I have them on paper', exact: true }).click();
    await signing.locator('fieldset').nth(2).waitFor();
    const { clicks } = counted;
    await prove(signing, words);
    const seen = `passwords typed: ${passwords}, each ended with Enter; with the mouse its button is one more`;
    return figure('clicks-to-wallet', clicks, 'clicks', { ...HELD, seen });
  } finally {
    await staged.remove();
  }
}

/** Up to its words. @returns how many passwords were typed */
async function makeWallet(signing: Page): Promise<number> {
  const password = signing.getByLabel('A password for your coldkey');
  await password.waitFor({ timeout: STEP_LIMIT_MS });
  const passwords = await signing.locator('input[type=password]').count();
  // It has focus by itself.
  await signing.keyboard.type('plenty of quiet moths');
  await signing.keyboard.press('Enter');
  await signing.locator('ol li').first().waitFor({ timeout: STEP_LIMIT_MS });
  return passwords;
}

async function prove(signing: Page, words: readonly string[]): Promise<void> {
  for (const place of await signing.locator('fieldset').all()) {
    const at = Number((await place.locator('legend').textContent())?.replace(/\D/g, ''));
    await place.getByLabel(words[at - 1] ?? '', { exact: true }).check();
  }
  await signing.getByRole('button', { name: 'Check', exact: true }).click();
  await signing.getByText('What was made').waitFor({ timeout: STEP_LIMIT_MS });
}
