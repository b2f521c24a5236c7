import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alphaRao, rao } from '../../../src-shared/units.ts';
import { CHROMIUM_MISSING, findChromium } from '../../../tools/build/chromium.ts';
import * as inPage from './in-page.ts';
import { changed, early, idle, largeGroup, me, mineOf, reducing, settingUp, training } from './scenes.ts';
import { type ScriptedHost, startScriptedHost } from './scripted-host.ts';

const screens = resolve('test-results/screens');
const desktop = { width: 1280, height: 800 };
const phone = { width: 480, height: 900 };
const themes = ['light', 'dark'] as const;

const executablePath = findChromium();
if (!executablePath) {
  if (process.env.CI) throw new Error(CHROMIUM_MISSING);
  console.warn(CHROMIUM_MISSING);
}

describe.skipIf(!executablePath)('the page in a real browser', () => {
  let browser: Browser;
  let pageDir: string;
  let host: ScriptedHost;
  let context: BrowserContext;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    await mkdir(screens, { recursive: true });
    pageDir = await mkdtemp(join(tmpdir(), 'butterfly-built-'));
    await build({ configFile: resolve('vite.config.ts'), logLevel: 'error', build: { outDir: pageDir } });
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  });

  afterAll(async () => {
    await browser.close();
    await rm(pageDir, { recursive: true, force: true });
  });

  beforeEach(async () => {
    host = await startScriptedHost(pageDir);
    faults = [];
  });

  afterEach(async () => {
    const seen = await page.evaluate(inPage.violations);
    await context.close();
    await host.stop();
    expect(seen).toEqual([]);
    expect(faults).toEqual([]);
  });

  async function open(
    view = idle(),
    viewport = desktop,
    colorScheme: 'light' | 'dark' = 'light',
  ): Promise<void> {
    host.show(view);
    context = await browser.newContext({ viewport, colorScheme });
    page = await context.newPage();
    await page.addInitScript({ content: inPage.recordViolations });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
    });
    await page.goto(host.url);
    await page.getByRole('navigation').waitFor();
  }

  /** A picture once fonts are there and the scheduler had its turn. */
  async function shoot(name: string): Promise<void> {
    await page.evaluate(inPage.settled);
    await page.screenshot({ path: join(screens, `${name}.png`) });
  }

  for (const theme of themes) {
    it(`welcomes in ${theme}`, async () => {
      await open(idle(), desktop, theme);
      await expect.poll(() => page.getByRole('button', { name: 'Practice' }).isEnabled()).toBe(true);
      await shoot(`welcome-${theme}`);
    });

    it(`shows each step of the start in ${theme}`, async () => {
      await open(settingUp(Date.now()), desktop, theme);
      await page.getByText('2 of 3 miners are ready').waitFor();
      await shoot(`setup-${theme}`);
    });

    it(`answers the four questions in ${theme}`, async () => {
      await open(training(Date.now()), desktop, theme);
      await page.getByText('1,284 tokens/s · round 41, step 19').waitFor();
      await shoot(`dashboard-${theme}`);
      await page.setViewportSize({ width: 1280, height: 1240 });
      await shoot(`dashboard-${theme}-whole`);
    });

    it(`draws the butterfly while bytes move in ${theme}`, async () => {
      const view = training(Date.now());
      const { round } = mineOf(view);
      await open(view, desktop, theme);
      host.showMine({
        worker: { kind: 'averaging' },
        round: round && {
          ...round,
          phase: 'reducing',
          blockInRound: 14,
          outcomeBlock: 4_815,
          members: 4,
          edges: reducing(),
        },
      });
      await page.getByText('1 peer left out').waitFor();
      await shoot(`averaging-${theme}`);
    });

    it(`fits 480 px in ${theme}`, async () => {
      await open(training(Date.now()), phone, theme);
      await page.getByText('Is it working?').waitFor();
      await shoot(`dashboard-${theme}-480`);
      const overflow = await page.evaluate(inPage.sidewaysOverflow);
      expect(overflow).toBeLessThanOrEqual(0);
      await page.setViewportSize({ width: 480, height: 2400 });
      await shoot(`dashboard-${theme}-480-whole`);
    });
  }

  it('draws a group of the real size', async () => {
    const view = training(Date.now());
    await open(view, desktop, 'dark');
    const { round } = mineOf(view);
    host.showMine({ round: round && { ...round, phase: 'reducing', edges: largeGroup() } });
    await page.getByText('with 22 peers').waitFor();
    await shoot('large-group-dark');
  });

  it('starts the dashboard while setup still runs, with nothing known shown as zero', async () => {
    const now = Date.now();
    const { chain, training: trained, wallet } = mineOf(training(now));
    await open(
      changed(settingUp(now), {
        worker: { kind: 'waiting', for: 'peers' },
        chain,
        training: trained && { ...trained, loss: null, lossAverage: null, tokensPerSecond: null },
        wallet: wallet && { ...wallet, stakeAlpha: null, stakeValueRao: null, uid: null },
      }),
      desktop,
      'light',
    );
    await page.getByRole('heading', { name: 'Getting ready' }).waitFor();
    await shoot('dashboard-starting-light');
    await page.setViewportSize({ width: 1280, height: 1400 });
    await shoot('dashboard-starting-light-whole');
  });

  it('shows a run of a minute and a half', async () => {
    await open(early(Date.now()), desktop, 'dark');
    await page.getByText('Round 3, the last average').waitFor();
    await shoot('early-dark');
  });

  it('narrows to 900 px', async () => {
    await open(training(Date.now()), { width: 899, height: 1200 }, 'dark');
    await page.getByText('Is it working?').waitFor();
    await shoot('dashboard-dark-899');
  });

  it('asks the host to practise when Practice is pressed', async () => {
    await open();
    await page.getByRole('button', { name: 'Practice' }).click();
    await expect.poll(() => host.asked.map(({ call }) => call)).toContain('startPractice');
  });

  it('takes the token out of the address at once', async () => {
    await open();
    expect(new URL(page.url()).hash).toBe('');
  });

  it('survives a reload by its session key', async () => {
    await open(training(Date.now()));
    await page.reload();
    await page.getByText('Is it working?').waitFor();
  });

  it('pauses for the chosen time by keyboard alone', async () => {
    await open(training(Date.now()));
    await page.getByRole('button', { name: 'Pause' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menu').waitFor();
    await shoot('pause-menu-light');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => host.asked).toContainEqual({ call: 'pauseRun', args: [me, 60] });
  });

  it('says until when it is paused and resumes on request', async () => {
    await open(training(Date.now()), desktop, 'dark');
    host.showMine({ worker: { kind: 'paused', reason: 'user', untilMs: Date.now() + 15 * 60_000 } });
    await page.getByText('You paused it.').waitFor();
    await shoot('paused-dark');
    await page.getByRole('button', { name: 'Resume' }).click();
    await expect.poll(() => host.asked.map(({ call }) => call)).toContain('resumeRun');
  });

  it('shows why the host refused', async () => {
    await open(training(Date.now()));
    host.refuse('pauseRun', { code: 'NOT_NOW', params: { what: 'Pausing', state: 'preparing' } });
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('menuitem', { name: '15 minutes' }).click();
    await page.getByText('Pausing is not possible while the state is preparing.').waitFor();
  });

  it('shows a notice with its action and lets it be dismissed', async () => {
    const gaveUp = { code: 'CHILD_GAVE_UP', params: { child: 'train', failures: 5 } } as const;
    const view = training(Date.now());
    await open(
      {
        ...changed(view, { worker: { kind: 'failed', error: gaveUp } }),
        notices: [
          {
            id: 'a',
            level: 'fault',
            error: gaveUp,
            atMs: Date.now(),
          },
          {
            id: 'b',
            level: 'attention',
            error: { code: 'FINALITY_STALLED', params: { seconds: 40 } },
            atMs: Date.now(),
          },
        ],
      },
      desktop,
      'light',
    );
    await page.getByRole('list', { name: 'Notices' }).getByText('failed 5 times').waitFor();
    await shoot('notice-light');
    await page.getByRole('button', { name: 'Dismiss' }).first().click();
    await expect.poll(() => host.asked).toContainEqual({ call: 'dismissNotice', args: ['a'] });
  });

  it('opens the evidence behind the scores', async () => {
    await open(training(Date.now()), desktop, 'light');
    await page.getByRole('button', { name: 'why?' }).click();
    await page.getByText('10 micro-batches recomputed; they agree by 0.98.').waitFor();
    await shoot('evidence-light');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  });

  it('shows the picture as a table', async () => {
    await open(training(Date.now()), desktop, 'dark');
    await page.getByRole('button', { name: 'show as table' }).first().click();
    await page.getByRole('table', { name: 'Traffic of this member in the all-reduce' }).waitFor();
    await shoot('table-dark');
  });

  it('asks for no frame while nothing happens', async () => {
    await open(training(Date.now()));
    await page.getByText('Is it working?').waitFor();
    await page.evaluate(inPage.settled);
    await page.evaluate(inPage.watchStillness);
    await page.evaluate(inPage.aSecondLater);
    expect(await page.evaluate(inPage.framesAsked)).toBe(0);
  });

  it('moves nothing on the page when its numbers change', async () => {
    const view = training(Date.now());
    await open(view);
    await page.getByText('Is it working?').waitFor();
    await page.evaluate(inPage.settled);
    await page.evaluate(inPage.watchStillness);
    const { training: trained, wallet, earnings, swarm } = mineOf(view);
    host.showMine({
      training: trained && { ...trained, tokensPerSecond: 9_876, innerStep: 111, step: 9_000 },
      wallet: wallet && { ...wallet, freeRao: rao(999_999_999_999n) },
      earnings: earnings && { ...earnings, todayAlpha: alphaRao(123_456_789_012n) },
      swarm: swarm && { ...swarm, upBytesPerS: 111_111 },
    });
    await page.getByText('9,876 tokens/s').waitFor();
    await page.evaluate(inPage.settled);
    expect(await page.evaluate(inPage.layoutShift)).toBeLessThan(0.001);
  });

  it('tells what it is on request, by key', async () => {
    await open(training(Date.now()), desktop, 'dark');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'About Butterfly' }).waitFor();
    await shoot('about-dark');
  });

  it('changes the theme by hand and remembers it', async () => {
    await open(training(Date.now()));
    const theme = page.getByRole('button', { name: /^Theme/ });
    await theme.click();
    await theme.click();
    await page.reload();
    await page.getByText('Is it working?').waitFor();
    expect(await page.evaluate(inPage.chosenTheme)).toBe('dark');
  });

  it('says that Butterfly is gone, keeps what it showed, and comes back by itself', async () => {
    await open(training(Date.now()), desktop, 'light');
    await page.getByText('Is it working?').waitFor();
    const { port } = host;
    await host.stop();
    await page.getByText('Butterfly is not running').waitFor();
    await shoot('disconnected-light');
    faults = [];
    host = await startScriptedHost(pageDir, port);
    // A restarted host knows no old key.
    await page.getByText('This page is not signed in').waitFor();
    faults = [];
  });

  it('says what to do when it was opened without a token', async () => {
    await open();
    await page.evaluate(inPage.forgetSession);
    await page.reload();
    await page.getByText('This page is not signed in').waitFor();
    await shoot('refused-light');
  });

  it('moves nothing with reduced motion', async () => {
    await open(training(Date.now()));
    await page.emulateMedia({ reducedMotion: 'reduce', forcedColors: 'active' });
    await page.getByText('Is it working?').waitFor();
    await shoot('forced-colors');
    const seconds = await page.evaluate(inPage.railTransition);
    expect(seconds).toMatch(/^0s(, 0s)*$/);
  });
});
