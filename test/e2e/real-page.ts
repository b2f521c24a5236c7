import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import type { HostProcess } from './host-process.ts';
import * as inPage from './page/in-page.ts';
import { executablePath } from './page/one-page.ts';

export { executablePath } from './page/one-page.ts';

/** What a whole practice may take to come to something, on a machine that others use too. */
export const SOON_MS = 240_000;
const WIDTHS = [1280, 480];
const screens = resolve('test-results/screens');

/** The page of a real host, in a browser of its own. */
export interface RealPage {
  readonly page: Page;
  /** What no page may do: throw. */
  readonly faults: readonly string[];
  /** What it wrote to the console as wrong; a host that goes away is told there, too. */
  readonly complaints: readonly string[];
  /** Opens the menu of the stopping things and chooses one. */
  choose(item: string): Promise<void>;
  /** What is shown is not larger than its window, wide and narrow; with pictures, light and dark, but in `npm test`. */
  fits(name: string): Promise<void>;
  close(): Promise<void>;
}

export async function openRealPage(host: HostProcess): Promise<RealPage> {
  await mkdir(screens, { recursive: true });
  const browser: Browser = await chromium.launch({
    executablePath: executablePath ?? '',
    args: ['--no-sandbox'],
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const faults: string[] = [];
  const complaints: string[] = [];
  await page.addInitScript({ content: inPage.recordViolations });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  await page.goto(`file://${await host.redirectFile}`);
  return {
    page,
    faults,
    complaints,
    async choose(item) {
      await page.getByRole('button', { name: 'More: stop, start over, quit' }).click();
      await page.getByRole('menuitem', { name: item }).click({ timeout: SOON_MS });
    },
    async fits(name) {
      expect(await page.getByText('failed in a way it does not know').count(), name).toBe(0);
      try {
        for (const width of WIDTHS) await fitsAt(page, width, name);
      } finally {
        // Whoever comes next finds the page as wide as ever, whatever became of this look.
        await page.setViewportSize({ width: 1280, height: 800 });
      }
    },
    close: () => browser.close(),
  };
}

/** Measured until it is laid out: a page on a busy machine takes its time to draw itself at another width. */
async function fitsAt(page: Page, width: number, name: string): Promise<void> {
  await page.setViewportSize({ width, height: 800 });
  for (const colorScheme of process.env.BUTTERFLY_SHORT ? [] : (['dark', 'light'] as const)) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(inPage.settled);
    await page.screenshot({ path: join(screens, `real-${name}-${colorScheme}-${width}.png`) });
  }
  await expect
    .poll(
      async () => {
        await page.evaluate(inPage.scrollToEnd);
        return await page.evaluate(inPage.measured);
      },
      { message: `${name} at ${width} px` },
    )
    .toEqual(inPage.fitting);
}

/** The script that a Node process runs; empty when it is gone. */
export function programOf(pid: number): string {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return words.slice(1).find((word) => !word.startsWith('-')) ?? '';
  } catch {
    return '';
  }
}

/** Every process that a host started, and what those started. */
export async function processesBelow(pid: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const childrenOf = (parent: number): number[] =>
    pairs.filter(([, of]) => of === parent).flatMap(([child]) => [child, ...childrenOf(child)]);
  return childrenOf(pid);
}
