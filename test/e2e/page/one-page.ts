import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { CHROMIUM_MISSING, findChromium } from '../../../tools/build/chromium.ts';
import * as inPage from './in-page.ts';

/** Without a graphics card that is played by software: the looks of one file took 72 s instead of 82. */
const LAUNCH_ARGS = ['--no-sandbox', '--disable-gpu', '--disable-software-rasterizer'];

const screens = resolve('test-results/screens');

export const executablePath = findChromium();
if (!executablePath) {
  if (process.env.CI) throw new Error(CHROMIUM_MISSING);
  console.warn(CHROMIUM_MISSING);
}

export interface Look {
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  readonly reducedMotion?: 'reduce';
}

export interface OnePage {
  readonly page: Page;
  /** Loads it anew, with nothing left of what was there. */
  goTo(url: string, look: Look): Promise<void>;
  /** What the page wrote to the console until now was expected. */
  forgive(): void;
  /**
   * A picture once fonts are there and the scheduler had its turn. `npm test` takes none: nobody looks at them, and
   * waiting for each takes as long as a test.
   */
  shoot(name: string): Promise<void>;
  /** @throws where the page threw, wrote to the console or broke its own content policy since it was gone to */
  leave(): Promise<void>;
  /** As `leave`, and the next test gets a page that knows nothing of this one's clock or permissions. */
  close(): Promise<void>;
}

/**
 * One page of a real browser for all tests of a file, loaded anew for each. A tab, a cache and a process of its own cost
 * a test as much again as what it looks at.
 */
export function onePage(): OnePage {
  let browser: Browser;
  let page: Page | undefined;
  let faults: string[] = [];

  beforeAll(async () => {
    await mkdir(screens, { recursive: true });
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: LAUNCH_ARGS });
  });
  afterAll(() => browser.close());

  async function opened(): Promise<Page> {
    const made = await (await browser.newContext()).newPage();
    await made.addInitScript({ content: inPage.recordViolations + inPage.keepSockets });
    made.on('pageerror', (error) => faults.push(error.message));
    made.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
    });
    return made;
  }

  function current(): Page {
    if (!page) throw new Error('nothing is open');
    return page;
  }

  async function leave(): Promise<void> {
    if (!page) return;
    const seen = await page.evaluate(inPage.violations).catch(() => []);
    await page.evaluate(inPage.forgetAll).catch(() => undefined);
    for (const other of page.context().pages()) if (other !== page) await other.close();
    await page.goto('about:blank');
    const told = faults;
    faults = [];
    expect(seen).toEqual([]);
    expect(told).toEqual([]);
  }

  return {
    get page() {
      return current();
    },
    async goTo(url, { viewport, colorScheme = 'light', reducedMotion }) {
      if (page) await leave();
      page ??= await opened();
      await page.setViewportSize(viewport);
      await page.emulateMedia({
        ...{ colorScheme, reducedMotion: reducedMotion ?? 'no-preference', forcedColors: 'none' },
      });
      await page.goto(url);
    },
    forgive() {
      faults = [];
    },
    async shoot(name) {
      if (process.env.BUTTERFLY_SHORT) return void (await current().evaluate(inPage.still));
      await current().evaluate(inPage.settled);
      await current().screenshot({ path: join(screens, `${name}.png`) });
    },
    leave,
    async close() {
      const closing = page;
      await leave();
      page = undefined;
      await closing?.context().close();
    },
  };
}
