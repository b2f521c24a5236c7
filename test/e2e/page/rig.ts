import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { View } from '../../../src-shared/contract/page/sections.ts';
import { CHROMIUM_MISSING, findChromium } from '../../../tools/build/chromium.ts';
import * as inPage from './in-page.ts';
import { idle } from './scenes.ts';
import { type ScriptedHost, startScriptedHost } from './scripted-host.ts';

const screens = resolve('test-results/screens');
const pageDir = resolve('out/page');
export const desktop = { width: 1280, height: 800 };
export const phone = { width: 480, height: 900 };

export const executablePath = findChromium();
if (!executablePath) {
  if (process.env.CI) throw new Error(CHROMIUM_MISSING);
  console.warn(CHROMIUM_MISSING);
}

export interface Opening {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  /** The screen to go to once the page is there: `join`, `settings`. */
  readonly screen?: string;
  readonly reducedMotion?: 'reduce';
}

export interface PageRig {
  readonly page: Page;
  readonly host: ScriptedHost;
  open(view?: View, at?: Opening): Promise<void>;
  /** A picture once fonts are there and the scheduler had its turn. */
  shoot(name: string): Promise<void>;
  /**
   * The same page in light, then in dark: loading it anew would say nothing more. The short suite looks at one of them,
   * the next time at the other.
   */
  inBothThemes(look: (theme: 'light' | 'dark') => Promise<void>): Promise<void>;
  /** The host that was stopped starts again, in its folder and at its port; failed connections meanwhile are no fault. */
  startHostAgain(view?: View): Promise<void>;
  /** What the page wrote to the console until now was expected. */
  forgive(): void;
  /** The arguments of each call of that name, oldest first. */
  argsOf(call: string): readonly (readonly unknown[])[];
}

/**
 * The built page in a real browser behind the real web shell, anew for each test of a file. A test fails when the
 * page threw, wrote to the console or broke its own content policy.
 */
export function pageRig(): PageRig {
  let browser: Browser;
  let host: ScriptedHost;
  let context: BrowserContext | undefined;
  let page: Page;
  let faults: string[];
  const themes: ('light' | 'dark')[] = ['dark', 'light'];

  beforeAll(async () => {
    await mkdir(screens, { recursive: true });
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  });

  afterAll(() => browser.close());

  beforeEach(async () => {
    host = await startScriptedHost(pageDir);
    faults = [];
  });

  afterEach(async () => {
    const seen = context ? await page.evaluate(inPage.violations) : [];
    await context?.close();
    context = undefined;
    await host.stop();
    await rm(host.dataDir, { recursive: true, force: true });
    expect(seen).toEqual([]);
    expect(faults).toEqual([]);
  });

  return {
    get page() {
      return page;
    },
    get host() {
      return host;
    },
    async open(view = idle(), { viewport = desktop, colorScheme = 'light', screen, ...rest } = {}) {
      host.show(view);
      context = await browser.newContext({ viewport, colorScheme, ...rest });
      page = await context.newPage();
      await page.addInitScript({ content: inPage.recordViolations + inPage.keepSockets });
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
      });
      await page.goto(host.url);
      await page.getByRole('navigation', { name: 'Screens' }).waitFor();
      if (screen) await page.evaluate(`location.hash = '#/${screen}'`);
    },
    async shoot(name) {
      await page.evaluate(inPage.settled);
      await page.screenshot({ path: join(screens, `${name}.png`) });
    },
    async inBothThemes(look) {
      themes.reverse();
      for (const colorScheme of process.env.BUTTERFLY_LONG ? themes : themes.slice(1)) {
        await page.emulateMedia({ colorScheme });
        await page.evaluate(inPage.still);
        await look(colorScheme);
      }
    },
    async startHostAgain(view = idle()) {
      faults = [];
      host = await startScriptedHost(pageDir, host);
      host.show(view);
    },
    forgive() {
      faults = [];
    },
    argsOf: (call) => host.asked.filter((one) => one.call === call).map(({ args }) => args),
  };
}
