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
    const first = await clicksOfOne(page, counted);
    const next = await clicksOfOne(page, counted);
    const seen = `the first order of an account, whose amount is typed again; ${next.clicks} for the next one; passwords: ${first.passwords}, the practice's coldkey lies open`;
    return figure('clicks-to-stake', first.clicks, 'clicks', { ...HELD, seen });
  } finally {
    await browser.close();
    host.kill('SIGTERM');
    await gone;
    await rm(folder, { recursive: true, force: true });
  }
}

async function clicksOfOne(
  page: Page,
  counted: { clicks: number },
): Promise<{ readonly clicks: number; readonly passwords: number }> {
  await page.getByRole('link', { name: 'Wallet', exact: true }).click();
  await page.getByRole('heading', { name: 'Where it is' }).waitFor({ timeout: STEP_LIMIT_MS });
  counted.clicks = 0;
  const passwords = await stake(page);
  return { clicks: counted.clicks, passwords };
}

/** @returns how many passwords were asked for */
async function stake(page: Page): Promise<number> {
  await page.getByRole('link', { name: 'Stake or unstake' }).click();
  const review = page.getByRole('button', { name: 'Review' });
  await review.waitFor();
  // The amount has focus by itself.
  await page.keyboard.type('0.5');
  await page.getByText('Most it can cost').waitFor({ timeout: STEP_LIMIT_MS });
  // Awaited together: one that is left alone while the other fails would end the whole report.
  const [popup] = await Promise.all([
    page.waitForEvent('popup', { timeout: STEP_LIMIT_MS }),
    review.click({ timeout: STEP_LIMIT_MS }),
  ]);
  const sign = popup.getByRole('button', { name: 'Sign', exact: true });
  await sign.waitFor({ timeout: STEP_LIMIT_MS });
  const consent = popup.getByLabel(/^Type .* to agree$/);
  if (await consent.count()) {
    const label = await popup.locator('label', { hasText: /^Type .* to agree$/ }).textContent();
    await consent.click();
    await popup.keyboard.type(/^Type (.*) to agree$/.exec(label?.trim() ?? '')?.[1] ?? '');
  }
  const passwords = await popup.locator('input[type=password]').count();
  await sign.click({ timeout: STEP_LIMIT_MS });
  await popup.close();
  await page.getByText('Done, and final.').first().waitFor({ timeout: STEP_LIMIT_MS });
  return passwords;
}

/** Counts what a person's hand did in every window of this browser. */
export async function countClicks(context: BrowserContext): Promise<{ clicks: number }> {
  const counted = { clicks: 0 };
  await context.exposeBinding('clicked_', () => void counted.clicks++);
  await context.addInitScript({
    content: `document.addEventListener('click', (event) => event.isTrusted && clicked_(), true)`,
  });
  return counted;
}
