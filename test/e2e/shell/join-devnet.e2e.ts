import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askStatus } from '../../../src-main/shells/control/ask-host.ts';
import { isAlive } from '../../../src-main/supervisor/process-end.ts';
import { type HostProcess, startHostProcess } from '../host-process.ts';
import { executablePath, openRealPage, processesBelow, type RealPage, SOON_MS } from '../real-page.ts';

/** Nothing is computed here: whoever joins waits for blocks alone. */
const QUICK = ['--block-ms', '300'];

describe.skipIf(!executablePath)('a chain of somebody else, joined on the page', () => {
  let folder: string;
  let devnet: HostProcess;
  let host: HostProcess;
  let real: RealPage;
  let page: Page;
  let endpoint: string;
  const soon = { timeout: SOON_MS };
  const start = () => startHostProcess(['--no-open', '--data-dir', join(folder, 'data')]);
  /** Registered and at work, until enough others are there for the chain to begin. */
  const waiting = () => page.getByText('Waiting for the start').first().waitFor(soon);
  const runs = () => page.getByRole('navigation', { name: 'Runs' });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'butterfly-join-'));
    devnet = startHostProcess(['devnet', ...QUICK, '--port', '0', '--folder', join(folder, 'devnet')]);
    host = start();
    endpoint = (await devnet.said(/answers at (ws:[^,\s]+)/))[1] ?? '';
    real = await openRealPage(host);
    page = real.page;
  });

  afterAll(async () => {
    await real?.close();
    await host?.stop();
    await devnet?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function fill(keys: string): Promise<void> {
    await page.getByLabel('Endpoint', { exact: true }).fill(endpoint);
    await page.getByLabel('Open a file').setInputFiles(join(folder, 'devnet', 'profile.json'));
    await page.getByLabel('Keys folder').fill(join(folder, 'devnet', keys));
  }

  it('shows what it is, what a place costs and what is there to pay with, before the button', async () => {
    await page.getByRole('link', { name: 'Join a network' }).first().click();
    await page.getByLabel('Keys folder').waitFor();
    await real.fits('join-empty');
    await fill('miner-1');
    await page.getByText('price of a place now').waitFor();
    await page
      .getByText(/^τ [\d,]+\.\d+$/)
      .first()
      .waitFor();
    await real.fits('join-filled');
  });

  it('registers for what was agreed, and works under its own hotkey', { timeout: SOON_MS }, async () => {
    await page.getByLabel('Order only up to, τ').fill('1.5');
    await page.getByRole('button', { name: 'Join: order a place while it costs τ 1.5000 or less' }).click();
    await expect.poll(() => new URL(page.url()).hash, soon).toMatch(/^#\/home\/5/);
    await waiting();
    await real.fits('joined');
    expect((await processesBelow(host.pid)).length).toBe(2);
  });

  it('goes on after its host was killed: the same hotkey, the same balance, nothing paid twice', {
    timeout: SOON_MS,
  }, async () => {
    const address = new URL(page.url()).hash;
    const balance = page.getByTitle(/^Free balance of coldkey/);
    await expect.poll(() => balance.textContent(), soon).toMatch(/τ 9\.\d/);
    const held = await balance.textContent();
    const pids = await processesBelow(host.pid);
    process.kill(host.pid, 'SIGKILL');
    await host.ended;
    await expect.poll(() => pids.filter(isAlive), soon).toEqual([]);
    await page.getByText('Butterfly is not running').waitFor(soon);
    host = start();
    await page.getByText('Butterfly is not running').waitFor({ state: 'detached', ...soon });
    await waiting();
    await expect.poll(() => balance.textContent(), soon).toBe(held);
    expect(new URL(page.url()).hash).toBe(address);
    const { runs } = await askStatus(join(folder, 'data'));
    expect(runs.map(({ hotkey }) => `#/home/${hotkey}`)).toEqual([address]);
  });

  it('refuses the same hotkey a second time, and asks nothing for it', async () => {
    await page.getByRole('link', { name: 'Join', exact: true }).click();
    await fill('miner-1');
    await page.getByRole('alert').filter({ hasText: 'already' }).waitFor();
    expect(await page.getByRole('button', { name: /^Join/ }).isDisabled()).toBe(true);
  });

  it('stands beside another run of this host, each with its own state', {
    timeout: 2 * SOON_MS,
  }, async () => {
    await fill('miner-2');
    await page.getByLabel('Order only up to, τ').fill('2');
    await page.getByRole('button', { name: 'Join: order a place while it costs τ 2.0000 or less' }).click();
    await expect.poll(() => runs().getByRole('link').count(), soon).toBe(2);
    await waiting();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('menuitem', { name: 'Until I resume' }).click();
    await runs()
      .getByRole('link', { name: /Paused/ })
      .waitFor();
    expect(
      await runs()
        .getByRole('link', { name: /Paused/ })
        .count(),
    ).toBe(1);
    await real.fits('two-runs');
    await real.choose('Stop now');
    await expect.poll(() => runs().count(), soon).toBe(0);
    await waiting();
    expect(real.faults).toEqual([]);
  });
});
