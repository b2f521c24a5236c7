import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { chooseSoftwareGpu } from '../../src-worker/train/engine/software-gpu.ts';
import { startHostProcess } from '../host-process.ts';
import { executablePath, openRealPage } from '../real-page.ts';

const lacking = executablePath ? chooseSoftwareGpu() : 'no browser';
if (lacking) console.warn(`The page of cards is not tried with a real one: ${lacking}.`);

it.skipIf(lacking !== null)(
  'a host finds the cards of this computer, takes one, and measures it for as long as somebody wants',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'butterfly-cards-'));
    const host = startHostProcess(['--no-open', '--data-dir', folder]);
    const { page, faults, fits, close } = await openRealPage(host);
    try {
      await page.getByRole('link', { name: 'Card' }).first().click();
      const found = page.getByRole('region', { name: 'Cards found' });
      const card = found.getByRole('listitem').filter({ hasText: 'Vulkan' }).first();
      await card.getByRole('button', { name: /^use/ }).click();
      await card.getByText('chosen').waitFor();
      await page.getByRole('button', { name: /^Measure (?!the processor)/ }).click();
      await page.getByText('Measuring practice, 1 of 4').waitFor();
      await page.getByRole('button', { name: 'Stop measuring' }).click();
      await page.getByRole('button', { name: /^Measure (?!the processor)/ }).waitFor();
      await fits('card');
      expect(faults).toEqual([]);
    } finally {
      await close();
      expect(await host.stop(), host.output()).toBe(0);
      await rm(folder, { recursive: true, force: true });
    }
  },
);
