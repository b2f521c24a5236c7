import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askStatus } from '../../../src-main/shells/control/ask-host.ts';
import { isAlive } from '../../../src-main/supervisor/process-end.ts';
import { readLoad } from '../../../src-main/supervisor/process-load.ts';
import { type HostProcess, startHostProcess } from '../host-process.ts';
import * as inPage from '../page/in-page.ts';
import {
  executablePath,
  openRealPage,
  processesBelow,
  programOf,
  type RealPage,
  SOON_MS,
} from '../real-page.ts';

describe.skipIf(!executablePath)('a practice from one click, that a person stops and goes on with', () => {
  let folder: string;
  let host: HostProcess;
  let real: RealPage;
  let page: Page;

  const dataDir = () => join(folder, 'data');
  const start = () => startHostProcess(['--no-open', '--data-dir', dataDir()]);
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

  /** Each round that the page lists with its held-out loss. */
  async function lossesShown(): Promise<string[]> {
    const card = page.getByRole('region', { name: 'Loss, held out and yours' });
    const table = card.getByRole('table');
    if (!(await table.isVisible())) await card.getByRole('button', { name: 'show as table' }).click(soon);
    await table.waitFor();
    return table
      .getByRole('row')
      .filter({ has: page.getByRole('cell') })
      .allTextContents();
  }

  /** What the ledger holds of pay, this practice's and those before it. */
  function booked(): unknown[] {
    const ledger = new Sqlite(join(dataDir(), 'ledger.db'), { readonly: true });
    try {
      return ledger.prepare('SELECT chain, hotkey, block, alpha_rao FROM epoch_booking').all();
    } finally {
      ledger.close();
    }
  }

  const roundNow = async () => (await askStatus(dataDir())).runs[0]?.round ?? null;

  /** Resolves when the chain has come to another round. */
  async function nextRound(): Promise<void> {
    const before = await roundNow();
    await expect.poll(roundNow, soon).not.toBe(before);
  }

  /** Resolves when the page shows a block so many later. */
  async function blocksLater(blocks: number): Promise<void> {
    const shown = async () => {
      const text = (await page.getByRole('banner').textContent()) ?? '';
      return Number(/block ([\d,]+)/.exec(text)?.[1]?.replaceAll(',', ''));
    };
    const before = await shown();
    await expect.poll(async () => (await shown()) - before, soon).toBeGreaterThanOrEqual(blocks);
  }

  /** Processor time of each trainer, own and of the companions, by process. */
  async function trainersCpuMs(): Promise<ReadonlyMap<number, number>> {
    const pids = await processesBelow(host.pid);
    const trainers = pids.filter((pid) => programOf(pid).endsWith('/train.js'));
    return new Map(trainers.map((pid) => [pid, readLoad(pid)?.cpuMs ?? 0]));
  }

  /** @returns once nothing of it is left */
  async function ended(pids: readonly number[]): Promise<void> {
    expect(pids.length).toBeGreaterThan(5);
    await button('Start').waitFor(soon);
    await expect.poll(() => pids.filter(isAlive), soon).toEqual([]);
    expect(await processesBelow(host.pid)).toEqual([]);
  }

  it('says what it waits for as soon as the button is pressed', async () => {
    await button('Practice').click();
    await page.getByText('Start a chain on this computer').waitFor();
    await page.getByText('PRACTICE').first().waitFor();
    await real.fits('setup');
  });

  it('trains, commits a round and shows scores', { timeout: 2 * SOON_MS }, async () => {
    await training();
    await page.getByText(/by validator/).waitFor(soon);
    await page.getByRole('heading', { name: 'Gradient' }).waitFor(soon);
  });

  it('pays, and shows it in the wallet and in the earnings', { timeout: 2 * SOON_MS }, async () => {
    await page.getByText(/last epoch, block/).waitFor(soon);
    await expect.poll(() => page.getByText(/^α 0\.0000$/).count(), soon).toBe(0);
    await real.fits('training');
  });

  it('shows what the model writes after a round, and something else when that is asked for', async () => {
    const card = page.getByRole('region', { name: 'What your model writes now' });
    await card.getByText(/as all agreed on it after round \d+/).waitFor(soon);
    const words = async () => (await card.locator('p').first().textContent()) ?? '';
    const first = await words();
    expect(first.trim().split(/\s+/).length).toBeGreaterThan(10);
    await card.getByRole('button', { name: 'another' }).click(soon);
    await expect.poll(words, soon).not.toBe(first);
  });

  it('names whom stake can go to, and what one alpha on it grew by', async () => {
    await page.getByRole('link', { name: 'Staking' }).click();
    await page.getByRole('heading', { name: /^Validators of subnet/ }).waitFor();
    await page
      .getByText(/^\+[<\d.]+ %/)
      .first()
      .waitFor();
    await real.fits('staking');
    await page.getByRole('link', { name: 'Home' }).click();
  });

  it('has a screen behind each word of the rail, and none that is too wide', async () => {
    const link = (name: string) => page.getByRole('link', { name, exact: true });
    for (const name of ['Wallet', 'Earnings', 'Card', 'Subnet', 'Logs', 'Settings']) {
      await link(name).click();
      await expect.poll(() => link(name).getAttribute('aria-current')).toBe('page');
      await real.fits(name.toLowerCase());
    }
    await link('Home').click();
  });

  it('keeps the page signed in over a reload', async () => {
    await page.reload();
    await training();
  });

  it('breaks no rule of the browser and logs no error', async () => {
    expect(await page.evaluate(inPage.violations)).toEqual([]);
    expect(real.complaints).toEqual([]);
  });

  it('rests over a restart of the host, and says where it goes on', { timeout: 2 * SOON_MS }, async () => {
    await button('Pause').click();
    await page.getByRole('menuitem', { name: 'Until I resume' }).click();
    await page.getByText('Paused').first().waitFor();
    await real.fits('paused');
    const losses = await lossesShown();
    expect(losses.length).toBeGreaterThan(1);
    const { runs: before } = await askStatus(dataDir());
    expect(before[0]?.committed).toBeGreaterThan(0);
    expect(await host.stop()).toBe(0);
    await real.fits('host-away');
    host = start();
    await page.getByText(/^practice continues at round \d+\.$/).waitFor(soon);
    await page.getByText('It still rests, as you left it.').waitFor();
    await page.getByText('Paused').first().waitFor(soon);
    await real.fits('goes-on-paused');
    // What was learned before is there at once, and nobody is told of getting ready for what is long ready.
    expect(await lossesShown()).toEqual(expect.arrayContaining(losses));
    const { runs: after } = await askStatus(dataDir());
    expect(after[0]?.hotkey).toBe(before[0]?.hotkey);
    expect(after[0]?.committed).toBeGreaterThanOrEqual(before[0]?.committed ?? 0);
    expect(after[0]?.rounds).toBeGreaterThanOrEqual(before[0]?.rounds ?? 0);
    expect(await page.getByText('Getting ready', { exact: true }).count()).toBe(0);
  });

  it('rests the trainers of all, not only its own, until it is resumed', {
    timeout: 3 * SOON_MS,
  }, async () => {
    // Across the opening of a round: whoever works begins there.
    await nextRound();
    const before = await trainersCpuMs();
    await blocksLater(4);
    const rested = await trainersCpuMs();
    await button('Resume').click();
    await button('Pause').waitFor();
    await nextRound();
    const resumed = await trainersCpuMs();
    await blocksLater(4);
    const worked = await trainersCpuMs();
    expect(worked.size).toBeGreaterThanOrEqual(4);
    const spent = (from: ReadonlyMap<number, number>, to: ReadonlyMap<number, number>, pid: number) =>
      (to.get(pid) ?? 0) - (from.get(pid) ?? 0);
    const atWork = [...worked.keys()].filter((pid) => spent(resumed, worked, pid) > 0);
    expect(atWork.length).toBeGreaterThanOrEqual(4);
    const most = Math.max(...atWork.map((pid) => spent(resumed, worked, pid)));
    // A validator still settles and weighs the round before: once, and not as who trains.
    for (const pid of atWork) expect(spent(before, rested, pid), String(pid)).toBeLessThan(most / 2);
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
    await expect.poll(booked, soon).not.toEqual([]);
    await real.choose('Start over…');
    const earned = booked();
    await page.getByRole('dialog').getByRole('button', { name: 'Start over' }).click();
    const told = page.getByText(/The old one lies in \S+\./);
    await told.waitFor(soon);
    const keptAt = /lies in (\S+)\./.exec((await told.textContent()) ?? '')?.[1] ?? '';
    expect(await readdir(keptAt)).toEqual(expect.arrayContaining(['chain', 'miner', 'practice.json']));
    await real.fits('starts-over');
    await training();
    await expect.poll(() => page.getByText(/continues at round/).count()).toBe(0);
    expect(booked()).toEqual(expect.arrayContaining(earned));
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
