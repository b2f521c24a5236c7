import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { serveSigning } from '../../src-main/shells/web/signing-origin.ts';
import { openSigningDesk } from '../../src-main/signing-desk.ts';
import { wrongPasswordsByFile } from '../../src-main/vault/wrong-passwords.ts';
import { signingApiArguments } from '../../src-shared/contract/signing.ts';
import { accessibilityFaults } from '../../test/e2e/page/axe.ts';
import { startScriptedHost } from '../../test/e2e/page/scripted-host.ts';
import { fakeOrders, noMoves, noWalletHere, stakeReview } from '../../test/fakes/orders.ts';
import { CHROMIUM_MISSING, findChromium } from '../../tools/build/chromium.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';
import { type ScreenState, screenStates } from './screen-states.ts';

const THEMES = ['light', 'dark'] as const;
/** Time for a screen to take in what its host says. */
const SETTLED = 'document.fonts.ready.then(() => new Promise((done) => setTimeout(done, 600)))';

/** What axe finds wrong on the four money screens and in the signing window, in every state and both themes. */
export async function screensAxe(): Promise<Figure> {
  const executablePath = findChromium();
  if (!executablePath) return unmeasured('screens-axe', 'violations', CHROMIUM_MISSING, { floor: 0 });
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const faults: string[] = [];
  let looks = 0;
  const look = async (page: Page, what: string) => {
    looks++;
    await page.evaluate(SETTLED);
    faults.push(...(await accessibilityFaults(page)).map((fault) => `${what}: ${fault}`));
  };
  try {
    for (const colorScheme of THEMES) {
      for (const state of screenStates(Date.now())) await lookAtScreen(browser, colorScheme, state, look);
      await lookAtSigning(browser, colorScheme, look);
    }
  } finally {
    await browser.close();
  }
  const seen = [`${looks} states looked at`, ...faults.slice(0, 3)].join('; ');
  return figure('screens-axe', faults.length, 'violations', { floor: 0, seen });
}

type Look = (page: Page, what: string) => Promise<void>;

async function lookAtScreen(
  browser: Browser,
  colorScheme: 'light' | 'dark',
  { screen, name, view, answers }: ScreenState,
  look: Look,
): Promise<void> {
  const host = await startScriptedHost(resolve('out/page'));
  const context = await browser.newContext({ colorScheme });
  try {
    for (const [call, value] of Object.entries(answers)) host.answer(call, value);
    host.show(view);
    const page = await context.newPage();
    await page.goto(host.url);
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
    await page.evaluate(`location.hash = '#/${screen}'`);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await look(page, `${screen}, ${name}, ${colorScheme}`);
  } finally {
    await context.close();
    await host.stop();
    await rm(host.dataDir, { recursive: true, force: true });
  }
}

/** With nothing waiting, with an order, with one on a real network, and with a wallet to be made. */
async function lookAtSigning(browser: Browser, colorScheme: 'light' | 'dark', look: Look): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'butterfly-axe-'));
  const stopping = new AbortController();
  const orders = fakeOrders();
  const desk = openSigningDesk({
    moves: noMoves,
    ...{ shell: 'web', orders: orders.orders, signal: stopping.signal, noteBackedUp: async () => undefined },
    placeOf: (name) => ({ root, network: { name, mark: 'TEST', isReal: false } }),
    onWallets: () => undefined,
    wrong: wrongPasswordsByFile(),
    walletOf: noWalletHere,
  });
  const origin = await serveSigning({
    door: { api: desk.api, connect: desk.connect, calls: signingApiArguments, onProblem: () => undefined },
    pageDir: resolve('out/signing'),
    // None lies behind it: any free port.
    pagePort: 65_535,
  });
  const context = await browser.newContext({ colorScheme, viewport: { width: 560, height: 820 } });
  try {
    const page = await context.newPage();
    await page.goto(origin.open());
    await page.locator('h1').waitFor();
    await look(page, `signing, empty, ${colorScheme}`);
    orders.ask(stakeReview({ typedConsent: '2 TAO' }));
    await page.getByRole('button', { name: 'Deny' }).waitFor();
    await look(page, `signing, review, ${colorScheme}`);
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('You said no').first().waitFor();
    await look(page, `signing, denied, ${colorScheme}`);
    await desk.startWallet({ kind: 'make', network: 'devnet', name: 'main', words: null });
    await page.locator('input[type=password]').first().waitFor();
    await look(page, `signing, password, ${colorScheme}`);
  } finally {
    await context.close();
    await origin.stop();
    stopping.abort();
    await rm(root, { recursive: true, force: true });
  }
}
