import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeEach } from 'vitest';
import type { View } from '../../../src-shared/contract/page/sections.ts';
import * as inPage from './in-page.ts';
import { type Look, onePage } from './one-page.ts';
import { idle } from './scenes.ts';
import { type ScriptedHost, startScriptedHost } from './scripted-host.ts';

export { executablePath } from './one-page.ts';

const pageDir = resolve('out/page');
export const desktop = { width: 1280, height: 800 };
export const phone = { width: 480, height: 900 };

export interface Opening extends Partial<Look> {
  /** The screen to go to once the page is there: `join`, `settings`. */
  readonly screen?: string;
}

export interface PageRig {
  readonly page: Page;
  readonly host: ScriptedHost;
  open(view?: View, at?: Opening): Promise<void>;
  /** As `OnePage.shoot`. */
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
 * The built page in a real browser behind the real web shell, loaded anew for each test of a file. A test fails when the
 * page threw, wrote to the console or broke its own content policy.
 */
export function pageRig(): PageRig {
  const one = onePage();
  let host: ScriptedHost | undefined;
  const themes: ('light' | 'dark')[] = ['dark', 'light'];

  beforeEach(async () => {
    if (host?.isRunning) host.begin();
    else host = await startScriptedHost(pageDir, host);
  });
  afterEach(() => one.leave());
  afterAll(async () => {
    await host?.stop();
    if (host) await rm(host.dataDir, { recursive: true, force: true });
  });

  function current(): ScriptedHost {
    if (!host) throw new Error('no test is under way');
    return host;
  }

  return {
    get page() {
      return one.page;
    },
    get host() {
      return current();
    },
    async open(view = idle(), { viewport = desktop, screen, ...look } = {}) {
      current().show(view);
      await one.goTo(current().url, { viewport, ...look });
      await one.page.getByRole('navigation', { name: 'Screens' }).waitFor();
      if (screen) await one.page.evaluate(`location.hash = '#/${screen}'`);
    },
    shoot: one.shoot,
    async inBothThemes(look) {
      themes.reverse();
      for (const colorScheme of process.env.BUTTERFLY_LONG ? themes : themes.slice(1)) {
        await one.page.emulateMedia({ colorScheme });
        await one.page.evaluate(inPage.still);
        await look(colorScheme);
      }
    },
    async startHostAgain(view = idle()) {
      one.forgive();
      host = await startScriptedHost(pageDir, current());
      host.show(view);
    },
    forgive: one.forgive,
    argsOf: (call) =>
      current()
        .asked.filter((one) => one.call === call)
        .map(({ args }) => args),
  };
}
