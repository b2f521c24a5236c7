import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostProcess, startHostProcess } from '../host-process.ts';
import { executablePath, openRealPage, type RealPage, SOON_MS } from '../real-page.ts';

const isLong = Boolean(process.env.BUTTERFLY_LONG);

describe.runIf(isLong && executablePath)('a validator of one’s own in a practice', () => {
  let folder: string;
  let host: HostProcess;
  let real: RealPage;
  let page: Page;
  const soon = { timeout: SOON_MS };
  const start = () => startHostProcess(['--no-open', '--data-dir', join(folder, 'data')]);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'butterfly-own-validator-'));
    host = start();
    real = await openRealPage(host);
    page = real.page;
  });
  afterAll(async () => {
    await real?.close();
    await host?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const region = (name: string) => page.getByRole('region', { name });
  const scored = () => region('Everybody on the subnet').getByText(/^[1-9]\d* of \d+ scored$/);

  it(
    'begins by one click, with its needs shown first, then checks, scores and comes by a permit',
    async () => {
      await page.getByRole('button', { name: 'Practice', exact: true }).click();
      await page
        .getByText(/tokens\/s/)
        .first()
        .waitFor(soon);
      await page.getByRole('link', { name: 'Validator', exact: true }).click();
      await page.getByRole('button', { name: 'Become a validator…' }).click(soon);
      const dialog = page.getByRole('dialog', { name: 'Become a validator' });
      await dialog.getByText('A place is bought for about').waitFor(soon);
      await real.fits('become');
      await dialog.getByRole('button', { name: 'Begin to validate' }).click();
      // It leads there, past what starting takes.
      await expect.poll(() => page.url(), soon).toMatch(/#\/validator\/5\w+$/);
      await region('As witness').getByText('no witness', { exact: true }).waitFor(soon);
      await scored().waitFor(soon);
      await region('Permit and stake').getByText('yes', { exact: true }).waitFor(soon);
      await region('Everybody on the subnet')
        .getByText(/^round \d+, /)
        .first()
        .waitFor(soon);
      await region('What would be set now')
        .getByText(/^as of block/)
        .waitFor(soon);
      await real.fits('own-validator');
      await page.screenshot({ path: 'test-results/screens/real-own-validator-whole.png', fullPage: true });
      await page.getByRole('link', { name: 'Home', exact: true }).click();
      await page.getByRole('link', { name: /practice · miner/ }).click();
      await page.getByRole('button', { name: 'why less?' }).click(soon);
      const less = page.getByRole('dialog', { name: 'Why did I earn less?' });
      await less
        .getByText(/^Validator 5\w{3}…\w{4}, round \d+/)
        .first()
        .waitFor(soon);
      await real.fits('why-less');
      expect(real.faults).toEqual([]);
    },
    3 * SOON_MS,
  );

  it(
    'goes on with the practice after a restart, wherever its chain answers then',
    async () => {
      await real.close();
      await host.stop();
      host = start();
      real = await openRealPage(host);
      page = real.page;
      await page.getByRole('link', { name: 'Validator', exact: true }).click(soon);
      await scored().waitFor(soon);
      const shown = await page.getByRole('navigation', { name: 'Runs' }).getByRole('link').count();
      expect(shown).toBe(2);
    },
    2 * SOON_MS,
  );
});
