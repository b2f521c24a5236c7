import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { type SigningOrigin, serveSigning } from '../../../src-main/shells/web/signing-origin.ts';
import { openSigningDesk, type SigningDesk } from '../../../src-main/signing-desk.ts';
import { backedUpAt, noteBackup } from '../../../src-main/vault/wallets/backup-note.ts';
import { wrongPasswordsByFile } from '../../../src-main/vault/wrong-passwords.ts';
import { signingApiArguments, type WalletOrder } from '../../../src-shared/contract/signing.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { type FakeOrders, fakeOrders } from '../../fakes/orders.ts';
import * as inPage from './in-page.ts';
import { executablePath } from './rig.ts';

const screens = resolve('test-results/screens');

export interface SigningRig {
  readonly page: Page;
  readonly desk: SigningDesk;
  readonly orders: FakeOrders;
  /** Folder of the wallets that are made. */
  readonly root: string;
  open(at?: { width?: number; colorScheme?: 'light' | 'dark'; reducedMotion?: 'reduce' }): Promise<void>;
  /** The page asked for a wallet: the signing window opens on it. */
  start(order: Partial<WalletOrder>): Promise<string>;
  backedUpAt(coldkey: string | null, name?: string): Promise<number | null>;
  shoot(name: string): Promise<void>;
}

/**
 * The built signing window in a real browser behind its real origin, on the real signing desk: wallets are made for
 * real, and orders are a test's. A test fails when the window threw, wrote to the console or broke its content policy.
 */
export function signingRig(): SigningRig {
  let browser: Browser;
  let context: BrowserContext | undefined;
  let page: Page;
  let origin: SigningOrigin;
  let desk: SigningDesk;
  let orders: FakeOrders;
  let root = '';
  let faults: string[];
  const stopping = new AbortController();

  beforeAll(async () => {
    await mkdir(screens, { recursive: true });
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    faults = [];
    root = await mkdtemp(join(tmpdir(), 'butterfly-signing-'));
    orders = fakeOrders();
    desk = openSigningDesk({
      ...{ shell: 'web', orders: orders.orders, signal: stopping.signal, noteBackedUp: noteBackup },
      placeOf: (name) => ({
        root,
        network: { name, mark: name === 'finney' ? null : 'TEST', isReal: name === 'finney' },
      }),
      wrong: wrongPasswordsByFile(),
      onWallets: () => undefined,
    });
    origin = await serveSigning({
      door: {
        ...{ api: desk.api, connect: desk.connect },
        calls: signingApiArguments,
        onProblem: unexpected,
      },
      pageDir: resolve('out/signing'),
      // None lies behind it: any free port.
      pagePort: 65_535,
    });
  });
  afterEach(async () => {
    const seen = context ? await page.evaluate(inPage.violations) : [];
    await context?.close();
    context = undefined;
    await origin.stop();
    await rm(root, { recursive: true, force: true });
    expect(seen).toEqual([]);
    expect(faults).toEqual([]);
  });

  function unexpected(problem: unknown): never {
    faults.push(String(problem));
    throw problem;
  }

  return {
    get page() {
      return page;
    },
    get desk() {
      return desk;
    },
    get orders() {
      return orders;
    },
    get root() {
      return root;
    },
    async open({ width = 600, colorScheme = 'light', ...rest } = {}) {
      await context?.close();
      context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, ...rest });
      page = await context.newPage();
      await page.addInitScript({ content: inPage.recordViolations + inPage.keepSockets });
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
      });
      await page.goto(origin.open());
      await page.locator('h1').waitFor();
    },
    start: (order) =>
      desk.startWallet({ kind: 'make', network: 'devnet', name: 'main', words: null, ...order }),
    backedUpAt: (coldkey, name = 'main') => backedUpAt(join(root, name), coldkey as Ss58 | null),
    async shoot(name) {
      await page.evaluate(inPage.settled);
      await page.screenshot({ path: join(screens, `${name}.png`) });
    },
  };
}
