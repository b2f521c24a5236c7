import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startWebShell, type WebShell } from '../../../src-main/shells/web/web-shell.ts';
import { hostApiArguments } from '../../../src-shared/contract/page/arguments.ts';
import { CHROMIUM_MISSING, findChromium } from '../../../tools/build/chromium.ts';
import { deadProxy } from '../../dead-proxy.ts';
import { fakeHost } from '../../fakes/host-api.ts';

const executablePath = findChromium();
if (!executablePath) {
  if (process.env.CI) throw new Error(CHROMIUM_MISSING);
  console.warn(CHROMIUM_MISSING);
}

describe.skipIf(!executablePath)('the web shell in a real browser', () => {
  let browser: Browser;
  let page: Page;
  let folder: string;
  let shell: WebShell;
  let host: ReturnType<typeof fakeHost>;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'butterfly-door-'));
    host = fakeHost();
    shell = await startWebShell({
      port: 0,
      pageDir: fileURLToPath(new URL('../../fixtures/web-page', import.meta.url)),
      dataDir: folder,
      api: host.api,
      calls: hostApiArguments,
      connect: host.connect,
      onProblem: () => {},
    });
    page = await browser.newPage();
  });
  afterEach(async () => {
    await page.close();
    await shell.stop();
    await rm(folder, { recursive: true });
  });

  const state = (text: string) => page.getByText(text, { exact: true }).waitFor({ timeout: 10_000 });

  it('opens from the redirect file, drops the token from the address and survives a reload', async () => {
    await page.goto(pathToFileURL(shell.redirectFile).href);
    await state('signed in by token');
    expect(page.url()).toBe(shell.address);
    await page.reload();
    await state('signed in by key');
    expect(host.pages.size).toBe(1);
  });

  it('refuses a second page that comes with the same token, and welcomes one that opens the file again', async () => {
    const { url } = shell;
    await page.goto(url);
    await state('signed in by token');
    const other = await browser.newPage();
    await other.goto(url);
    await other.getByText('refused', { exact: true }).waitFor({ timeout: 10_000 });
    await other.goto(pathToFileURL(shell.redirectFile).href);
    await other.getByText('signed in by token', { exact: true }).waitFor({ timeout: 10_000 });
    await other.close();
  });

  it('shuts out a page of another origin: no fetch, no frame, no script, no socket, even with the token', async () => {
    const token = new URL(shell.url).hash.slice(3);
    const attack = `<!doctype html><title>attack</title>
      <iframe src="${shell.address}"></iframe>
      <script>
        const told = (promise) => promise.then(() => 'in', () => 'out');
        const script = () => new Promise((done, fail) => {
          const tag = Object.assign(document.createElement('script'), { src: '${shell.address}trial.js', onload: done, onerror: fail });
          document.head.append(tag);
        });
        const socket = () => new Promise((done, fail) => {
          const ws = new WebSocket('ws://127.0.0.1:${shell.port}/rpc', ['butterfly.1', 't.${token}']);
          ws.onopen = done; ws.onerror = fail;
        });
        window.outcome = Promise.all([
          told(fetch('${shell.address}alive', { mode: 'cors' })), told(script()), told(socket()),
        ]);
      </script>`;
    const elsewhere = createServer((_request, response) => response.end(attack)).listen(0, '127.0.0.1');
    await new Promise((resolve) => elsewhere.once('listening', resolve));
    const framed = page.waitForResponse(shell.address);
    await page.goto(`http://localhost:${(elsewhere.address() as AddressInfo).port}/`);
    expect(await page.evaluate('window.outcome')).toEqual(['out', 'out', 'out']);
    expect((await framed).status()).toBe(403);
    elsewhere.close();
    expect(host.pages.size).toBe(0);
  });

  it('does not answer a name that was rebound to this machine', async () => {
    const rebound = await chromium.launch({
      executablePath: executablePath ?? '',
      args: ['--no-sandbox', '--host-resolver-rules=MAP evil.example 127.0.0.1'],
    });
    const visitor = await rebound.newPage();
    const response = await visitor.goto(`http://evil.example:${shell.port}/`);
    expect(response?.status()).toBe(421);
    await rebound.close();
  });

  it('is opened without asking the proxy of the network', async () => {
    const proxy = await deadProxy();
    const behind = await chromium.launch({
      executablePath: executablePath ?? '',
      // Not by Playwright's own option, which sends what is on this machine through the proxy too.
      args: ['--no-sandbox', `--proxy-server=${proxy.url}`],
    });
    const visitor = await behind.newPage();
    await visitor.goto(pathToFileURL(shell.redirectFile).href);
    await visitor.getByText('signed in by token', { exact: true }).waitFor({ timeout: 10_000 });
    await behind.close();
    const port = String(shell.port);
    expect(proxy.asked.filter((line) => line.includes(port))).toEqual([]);
  });
});
