import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SigningOrigin, serveSigning } from '../../../src-main/shells/web/signing-origin.ts';
import { startWebShell, type WebShell } from '../../../src-main/shells/web/web-shell.ts';
import { openSigningDesk } from '../../../src-main/signing-desk.ts';
import { wrongPasswordsByFile } from '../../../src-main/vault/wrong-passwords.ts';
import { hostApiArguments } from '../../../src-shared/contract/page/arguments.ts';
import { signingApiArguments } from '../../../src-shared/contract/signing.ts';
import { findChromium } from '../../../tools/build/chromium.ts';
import { fakeHost } from '../../fakes/host-api.ts';
import { fakeOrders, noMoves, noWalletHere, stakeReview } from '../../fakes/orders.ts';

const executablePath = findChromium();

describe.skipIf(!executablePath)('the page beside the signing window, in a real browser', () => {
  let browser: Browser;
  let folder: string;
  let shell: WebShell;
  let signing: SigningOrigin;
  let page: Page;
  const orders = fakeOrders();

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'butterfly-two-'));
    const host = fakeHost();
    shell = await startWebShell({
      ...{ port: 0, pageDir: resolve('out/page'), dataDir: folder, api: host.api, calls: hostApiArguments },
      ...{ connect: (ui) => host.connect(ui), onProblem: () => {} },
    });
    const desk = openSigningDesk({
      moves: noMoves,
      ...{ shell: 'web', orders: orders.orders, signal: new AbortController().signal },
      placeOf: (name) => ({ root: folder, network: { name, mark: null, isReal: false } }),
      noteBackedUp: async () => undefined,
      wrong: wrongPasswordsByFile(),
      walletOf: noWalletHere,
      onWallets: () => undefined,
    });
    orders.ask(stakeReview());
    signing = await serveSigning({
      door: { api: desk.api, connect: desk.connect, calls: signingApiArguments, onProblem: () => {} },
      pageDir: resolve('out/signing'),
      pagePort: shell.port,
    });
    page = await browser.newPage();
    await page.goto(shell.url);
  });
  afterEach(async () => {
    await page.context().close();
    await signing.stop();
    await shell.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** As the page opens it: empty while it handles the click, then led to its address. */
  async function open(): Promise<Page> {
    const opened = page.context().waitForEvent('page');
    await page.evaluate(
      `globalThis.opened = window.open('', 'butterfly-signing', 'popup'); opened.location.replace(${JSON.stringify(signing.open())})`,
    );
    const window = await opened;
    await window.getByRole('button', { name: 'Deny' }).waitFor();
    return window;
  }

  it('opens it, and has no hold on it from then on: it can be neither read, nor pressed, nor led away', async () => {
    const window = await open();
    expect(await page.evaluate('opened.closed')).toBe(true);
    expect(
      await page.evaluate(
        '(() => { try { return opened.document?.title ?? null; } catch { return null; } })()',
      ),
    ).toBeNull();
    await page.evaluate('opened.postMessage("x", "*"); opened.close()');
    expect(await window.evaluate('window.opener')).toBeNull();
    await window.getByRole('button', { name: 'Deny' }).waitFor();
  });

  it('can ask nothing of it: no answer, no frame, no socket', async () => {
    const there = `http://127.0.0.1:${signing.port}`;
    const tries = await page.evaluate(`(async () => {
      const asked = await fetch('${there}/alive').then(() => 'answered', () => 'refused');
      const socket = await new Promise((resolve) => {
        const one = new WebSocket('ws://127.0.0.1:${signing.port}/rpc', ['butterfly.1']);
        one.onopen = () => resolve('open');
        one.onerror = () => resolve('refused');
      }).catch(() => 'refused');
      const frame = document.createElement('iframe');
      frame.src = '${there}/';
      document.body.append(frame);
      await new Promise((resolve) => { frame.onload = resolve; setTimeout(resolve, 2000); });
      let inside = null;
      try { inside = frame.contentDocument?.title ?? null; } catch { inside = null; }
      return { asked, socket, inside: inside || null };
    })()`);
    expect(tries).toEqual({ asked: 'refused', socket: 'refused', inside: null });
  });

  it('is closed by its own button', async () => {
    const window = await open();
    await window.getByRole('button', { name: 'Deny' }).click();
    const closed = window.waitForEvent('close');
    await window.getByRole('button', { name: 'Close this window' }).click();
    await closed;
  });
});
