import { once } from 'node:events';
import { access, mkdir, readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import type { ElectronApplication, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ELECTRON_MISSING, findTestElectron } from '../../../tools/build/test-electron.ts';
import * as inPage from '../page/in-page.ts';
import {
  chooseInTray,
  closePage,
  helloOfStranger,
  isPageShown,
  STRANGER_PAGE,
  trayWords,
  watchTray,
  windowPowers,
} from './in-main.ts';
import { type StagedElectron, stageElectron } from './real-electron.ts';

/** A whole practice comes up, on a machine that does much else. */
const PRACTICE_MS = 240_000;
const STEP_MS = 60_000;
/** Two starts of the whole app, and the first password's key. */
const SELF_TEST_MS = 120_000;

const found = process.env.BUTTERFLY_LONG ? findTestElectron() : null;
if (process.env.BUTTERFLY_LONG && !found) console.error(ELECTRON_MISSING);

/** What no page of ours may have, asked in the page itself. */
const POWERS = '[typeof require, typeof process, typeof module, window.opener]';
const NONE = ['undefined', 'undefined', 'undefined', null];
const LOCKED = { sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true };

describe.skipIf(!found)('in a real Electron', () => {
  let staged: StagedElectron;
  let app: ElectronApplication;
  let page: Page;
  const screens = resolve('test-results/screens');

  beforeAll(async () => {
    if (!found) return;
    await mkdir(screens, { recursive: true });
    staged = await stageElectron(found);
  });
  afterAll(async () => {
    await app?.close().catch(() => undefined);
    await staged?.remove();
  });

  const soon = { timeout: STEP_MS };
  const late = { timeout: 90_000 };
  const button = (on: Page, name: string) => on.getByRole('button', { name, exact: true });
  const goTo = (name: string) => page.getByRole('link', { name, exact: true }).click();
  async function shoot(window: Page, name: string): Promise<void> {
    await window.evaluate(inPage.settled);
    await window.screenshot({ path: join(screens, `electron-${name}.png`) });
  }
  async function opened(press: () => Promise<void>): Promise<Page> {
    const [window] = await Promise.all([app.waitForEvent('window', soon), press()]);
    await window.locator('h1').waitFor(soon);
    return window;
  }
  const trayChooses = (label: string) => expect.poll(() => chooseInTray(app, label), soon).toBe(true);

  it('the app tries its own parts and says that they work', { timeout: SELF_TEST_MS }, async () => {
    const { code, stdout, stderr } = await staged.run(['--self-test'], SELF_TEST_MS);
    const line = stdout.split('\n').find((one) => one.startsWith('{'));
    const report = JSON.parse(line ?? 'null');
    expect({ code, report }, stderr).toMatchObject({
      code: 0,
      report: {
        isWell: true,
        runtime: { electron: expect.any(String) },
        parts: ['keys', 'database', 'cards', 'page'].map((name) => ({ name, isWell: true })),
      },
    });
    expect(staged.processes()).toEqual([]);
  });

  it('the page is sandboxed and has nothing of Node', async () => {
    app = await staged.launch();
    page = await app.firstWindow();
    await watchTray(app);
    // Chromium's own switches pass by ours.
    expect(await app.evaluate((own) => own.app.commandLine.getSwitchValue('remote-debugging-port'))).toBe(
      '0',
    );
    expect(page.url()).toBe('app://butterfly/index.html');
    expect(await page.evaluate(POWERS)).toEqual(NONE);
    expect(await windowPowers(app)).toEqual([{ ...LOCKED, isKept: true }]);
  });

  it('the page runs nothing but its own script, goes nowhere, and is granted nothing', async () => {
    const policy = `fetch('/index.html').then((answer) => answer.headers.get('content-security-policy'))`;
    expect(await page.evaluate(policy)).toContain("default-src 'none'");
    const inline = `new Promise((done) => {
      document.addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective), { once: true });
      document.head.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = true' }));
    })`;
    expect(await page.evaluate(inline)).toBe('script-src-elem');
    expect(await page.evaluate('window.ran')).toBeUndefined();
    for (const url of ['https://example.com/', 'file:///etc/passwd', 'app://signing/index.html']) {
      expect(await page.evaluate(`window.open('${url}')`)).toBeNull();
      await page.evaluate(`location.assign('${url}')`);
    }
    expect(await page.evaluate('Notification.requestPermission()')).toBe('denied');
    const asks = `navigator.permissions.query({ name: 'geolocation' }).then(({ state }) => state)`;
    expect(await page.evaluate(asks)).toBe('denied');
    expect(app.windows()).toHaveLength(1);
    // Playwright waits for what was refused, until the page is loaded anew.
    await page.reload();
    expect(page.url()).toBe('app://butterfly/index.html');
  });

  it('a window of somebody else gets no port to the host', async () => {
    const preload = await app.evaluate(({ app: own }) => `${own.getAppPath()}/out/main/preload.cjs`);
    const site = createServer((_request, answer) =>
      answer.writeHead(200, { 'content-type': 'text/html' }).end(STRANGER_PAGE),
    );
    await once(site.listen(0, '127.0.0.1'), 'listening');
    try {
      const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
      expect(await helloOfStranger(app, { preload, url })).toBe(0);
    } finally {
      site.close();
    }
  });

  it('a wallet is made in a window of its own, which the page cannot reach', async () => {
    await button(page, 'Theme: as the system').click();
    await goTo('Wallet');
    const signing = await opened(() => button(page, 'Make a wallet').click(soon));
    expect(signing.url()).toBe('app://signing/index.html');
    expect(await signing.evaluate(POWERS)).toEqual(NONE);
    // It looks as the page does, whatever the system says.
    await expect.poll(() => signing.evaluate('document.documentElement.dataset.theme')).toBe('light');
    const powers = await windowPowers(app);
    expect(powers).toHaveLength(2);
    expect(powers).toContainEqual({ ...LOCKED, isKept: false });
    expect(await page.evaluate(`window.open('app://signing/index.html', 'butterfly-signing')`)).toBeNull();
    const reading = `fetch('app://signing/index.html').then(() => 'read', () => 'refused')`;
    expect(await page.evaluate(reading)).toBe('refused');

    await signing.getByLabel('A password for your coldkey').fill('plenty of quiet moths');
    await button(signing, 'Make it and show its words').click();
    await signing.locator('ol li').first().waitFor(soon);
    await shoot(signing, 'words');
    await page.getByText('Your wallet waits for you.').waitFor(soon);
    await signing.close();
    await page.getByText('Your wallet waits for you.').waitFor({ state: 'detached', ...soon });
    // Of a real network, so it lies where the tools of the field keep theirs.
    expect(await readdir(join(staged.wallets, 'main'))).toContain('coldkey');
  });

  it('a practice commits a round, scores it and pays', { timeout: PRACTICE_MS }, async () => {
    await goTo('Home');
    await button(page, 'Practice').click();
    await page
      .getByText(/tokens\/s/)
      .first()
      .waitFor(late);
    await expect.poll(() => trayWords(app), late).toMatch(/^(?:Training|Averaging)/);
    await page.getByText(/by validator/).waitFor(late);
    await page.getByRole('heading', { name: 'Gradient' }).waitFor(late);
    await page.getByText(/last epoch, block/).waitFor(late);
    // An epoch can end before anything was scored: that one pays nothing.
    await expect.poll(() => page.getByText(/^α 0\.0000$/).count(), late).toBe(0);
    await page.getByText('Nothing yet').waitFor({ state: 'detached', ...late });
    // The window has no scrollbar of its own beside the one of the page.
    expect(await page.evaluate(inPage.measured)).toEqual(inPage.fitting);
    await shoot(page, 'practice');
  });

  it('rests and goes on as it is chosen in the tray', { timeout: PRACTICE_MS }, async () => {
    await trayChooses('For 1 hour');
    await button(page, 'Resume').waitFor(soon);
    await expect
      .poll(() => trayWords(app), soon)
      .toMatch(/^Paused until \d\d:\d\d, (?:60|59) min left\nYou paused it\./);
    await shoot(page, 'paused');
    await trayChooses('Resume');
    await button(page, 'Pause').waitFor(late);
  });

  it('an order is looked over there, and closing the window denies it', {
    timeout: PRACTICE_MS,
  }, async () => {
    await goTo('Staking');
    await page.getByLabel('Amount').first().fill('0.5', soon);
    await page.getByText('Most it can cost').waitFor(soon);
    const signing = await opened(() => button(page, 'Review').click(soon));
    await button(signing, 'Sign').waitFor(soon);
    expect(await signing.locator('h1').textContent()).toContain('0.5');
    await shoot(signing, 'review');
    await page.getByText('An order waits for your yes or no.').waitFor();
    await signing.close();
    await page.getByText('An order waits for your yes or no.').waitFor({ state: 'detached', ...soon });
  });

  it('starts at login when it is told to, and not when the desktop was told otherwise', async () => {
    await goTo('Settings');
    const login = page.getByRole('switch', { name: 'Start Butterfly when I log in' });
    const entry = join(staged.config, 'autostart', 'butterfly.desktop');
    await login.click(soon);
    await expect.poll(() => login.isChecked(), soon).toBe(true);
    expect(await readFile(entry, 'utf8')).toMatch(/^Exec=".*butterfly" "--data-dir" ".*" "--in-tray"$/m);
    await shoot(page, 'settings');
    await login.click(soon);
    await expect
      .poll(
        () =>
          access(entry).then(
            () => true,
            () => false,
          ),
        soon,
      )
      .toBe(false);
  });

  it('closed to the tray it goes on, and a second start brings it back', async () => {
    expect(await closePage(app, 0)).toContain('Go on training');
    await expect.poll(() => isPageShown(app), soon).toBe(false);
    const second = await staged.run([], STEP_MS);
    expect(second.stderr).toContain('its window comes to the front');
    expect(second.code).toBe(0);
    await expect.poll(() => isPageShown(app), soon).toBe(true);
    // What came while nobody saw it is there now: the choice that was made when it was closed.
    const setting = page.getByLabel('When the window is closed');
    await expect.poll(() => setting.inputValue(), soon).toBe('tray');
  });

  it('quits from the tray and leaves no process behind', { timeout: PRACTICE_MS }, async () => {
    expect(staged.processes().length).toBeGreaterThan(5);
    const ended = new Promise((done) => app.process().once('exit', done));
    await trayChooses('Quit');
    await ended;
    await expect.poll(() => staged.processes(), soon).toEqual([]);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'leaves no process behind either when the system ends it by %s',
    { timeout: PRACTICE_MS },
    async (signal) => {
      app = await staged.launch();
      page = await app.firstWindow();
      // What ran goes on by itself, so there is much to end.
      await expect.poll(() => staged.processes().length, soon).toBeGreaterThan(8);
      const main = await app.evaluate(() => process.pid);
      const ended = new Promise((done) => app.process().once('exit', done));
      process.kill(main, signal);
      await ended;
      await expect.poll(() => staged.processes(), soon).toEqual([]);
    },
  );

  it('ends in order too when its terminal went away before', { timeout: PRACTICE_MS }, async () => {
    const started = staged.startAtTerminal();
    try {
      await expect.poll(() => started.isDrawing(), soon).toBe(true);
      started.closeTerminal();
      process.kill(started.mainProcess(), 'SIGTERM');
      await expect.poll(() => staged.processes(), soon).toEqual([]);
    } finally {
      for (const pid of staged.processes()) process.kill(pid, 'SIGKILL');
    }
  });
});
