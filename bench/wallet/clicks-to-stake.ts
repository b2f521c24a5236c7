import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { CHROMIUM_MISSING, findChromium } from '../../tools/build/chromium.ts';
import { redirectFileOf } from '../practice/redirect-file.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';

const HELD = { floor: 4, goal: 3 } as const;
/** A practice comes up within a minute, on a machine that does nothing else. */
const PRACTICE_LIMIT_MS = 240_000;
const STEP_LIMIT_MS = 60_000;
const ENTRY = new URL('../../out/host/serve.js', import.meta.url).pathname;

/** Clicks of a person, from the screen Wallet of a real practice to a stake that is final on its chain. */
export async function clicksToStake(): Promise<Figure> {
  const executablePath = findChromium();
  if (!executablePath) return unmeasured('clicks-to-stake', 'clicks', CHROMIUM_MISSING, HELD);
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-clicks-'));
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const host = spawn(process.execPath, [ENTRY, '--no-open', '--data-dir', join(folder, 'data')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise((resolve) => host.once('exit', resolve));
  try {
    const context = await browser.newContext();
    const counted = await countClicks(context);
    const page = await context.newPage();
    await page.goto(`file://${await redirectFileOf(host.stdout)}`);
    await page.getByRole('button', { name: 'Practice' }).click();
    await page
      .getByText(/tokens\/s/)
      .first()
      .waitFor({ timeout: PRACTICE_LIMIT_MS });
    await page.getByRole('link', { name: 'Wallet' }).click();
    await page.getByRole('heading', { name: 'Where it is' }).waitFor({ timeout: STEP_LIMIT_MS });
    counted.clicks = 0;
    const passwords = await stake(page);
    const seen = `${passwords} password entries; the practice's own coldkey, on its own chain`;
    return figure('clicks-to-stake', counted.clicks, 'clicks', { ...HELD, seen });
  } finally {
    await browser.close();
    host.kill('SIGTERM');
    await gone;
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns how many passwords were asked for */
async function stake(page: Page): Promise<number> {
  await page.getByRole('link', { name: 'Stake or unstake' }).click();
  const review = page.getByRole('button', { name: 'Review' });
  await review.waitFor();
  // The amount has focus by itself.
  await page.keyboard.type('0.5');
  await page.getByText('Most it can cost').waitFor({ timeout: STEP_LIMIT_MS });
  const consent = page.getByLabel(/^Type .* to go on$/);
  if (await consent.count()) {
    await consent.click();
    await page.keyboard.type((await consent.getAttribute('placeholder')) ?? '0.5');
  }
  const opening = page.waitForEvent('popup', { timeout: STEP_LIMIT_MS });
  await review.click({ timeout: STEP_LIMIT_MS });
  const popup = await opening;
  const sign = popup.getByRole('button', { name: 'Sign', exact: true });
  await sign.waitFor({ timeout: STEP_LIMIT_MS });
  const passwords = await popup.locator('input[type=password]').count();
  await sign.click({ timeout: STEP_LIMIT_MS });
  await page.getByText('Done, and final.').waitFor({ timeout: STEP_LIMIT_MS });
  return passwords;
}

/** Counts what a person's hand did in every window of this browser. */
async function countClicks(context: BrowserContext): Promise<{ clicks: number }> {
  const counted = { clicks: 0 };
  await context.exposeBinding('clicked_', () => void counted.clicks++);
  await context.addInitScript({
    content: `document.addEventListener('click', (event) => event.isTrusted && clicked_(), true)`,
  });
  return counted;
}
