import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive } from '../../../src-main/supervisor/process-end.ts';
import { type HostProcess, startHostProcess } from './host-process.ts';
import { executablePath, openRealPage, processesBelow, type RealPage, SOON_MS } from './real-page.ts';

describe.skipIf(!executablePath)('a practice that a person stops and goes on with', () => {
  let folder: string;
  let host: HostProcess;
  let real: RealPage;
  let page: Page;

  const start = () => startHostProcess(['--no-open', '--data-dir', join(folder, 'data')]);
  const soon = { timeout: SOON_MS };
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const training = () =>
    page
      .getByText(/tokens\/s/)
      .first()
      .waitFor(soon);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'butterfly-stop-'));
    host = start();
    real = await openRealPage(host);
    page = real.page;
  });

  afterAll(async () => {
    await real?.close();
    await host?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** @returns once nothing of it is left */
  async function ended(pids: readonly number[]): Promise<void> {
    expect(pids.length).toBeGreaterThan(5);
    await button('Start').waitFor(soon);
    await expect.poll(() => pids.filter(isAlive), soon).toEqual([]);
    expect(await processesBelow(host.pid)).toEqual([]);
  }

  it('rests over a restart of the host, and says where it goes on', { timeout: 2 * SOON_MS }, async () => {
    await button('Practice').click();
    await page.getByText(/by validator/).waitFor(soon);
    await real.fits('training');
    await button('Pause').click();
    await page.getByRole('menuitem', { name: 'Until I resume' }).click();
    await page.getByText('Paused').first().waitFor();
    await real.fits('paused');
    expect(await host.stop()).toBe(0);
    await real.fits('host-away');
    host = start();
    await page.getByText(/^practice continues at round \d+\.$/).waitFor(soon);
    await page.getByText('It still rests, as you left it.').waitFor();
    await page.getByText('Paused').first().waitFor(soon);
    await real.fits('goes-on-paused');
    await button('Resume').click();
    await button('Pause').waitFor();
    await training();
  });

  it('ends after the round under way, and leaves no process', { timeout: 2 * SOON_MS }, async () => {
    const pids = await processesBelow(host.pid);
    await real.choose('Stop after this round');
    await page.getByText(/Stops after round \d+\./).waitFor();
    await ended(pids);
    await real.fits('stopped');
  });

  it('starts again from there, and ends at once', { timeout: 2 * SOON_MS }, async () => {
    await button('Start').click();
    await training();
    const pids = await processesBelow(host.pid);
    await real.choose('Stop now');
    await ended(pids);
  });

  it('starts over, with the old folder kept', { timeout: 2 * SOON_MS }, async () => {
    await button('Start').click();
    await training();
    await real.choose('Start over…');
    await page.getByRole('dialog').getByRole('button', { name: 'Start over' }).click();
    const told = page.getByText(/The old one lies in \S+\./);
    await told.waitFor(soon);
    const keptAt = /lies in (\S+)\./.exec((await told.textContent()) ?? '')?.[1] ?? '';
    expect(await readdir(keptAt)).toEqual(expect.arrayContaining(['chain', 'miner', 'practice.json']));
    await real.fits('starts-over');
    await training();
    await expect.poll(() => page.getByText(/continues at round/).count()).toBe(0);
  });

  it('ends the whole host, which is no fault', async () => {
    const pids = await processesBelow(host.pid);
    await real.choose('Quit Butterfly…');
    await page.getByRole('dialog').getByRole('button', { name: 'Quit' }).click();
    expect(await host.ended).toBe(0);
    await page.getByText('You quit Butterfly').waitFor();
    expect(pids.filter(isAlive)).toEqual([]);
    await real.fits('quit');
    expect(real.faults).toEqual([]);
  });
});
