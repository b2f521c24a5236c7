import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { redirectFileOf } from './redirect-file.ts';

/** Seconds from starting the host until the first page has its button, in a browser that already runs. */
export async function usablePage(browserPath: string): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-page-'));
  const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
  const page = await browser.newPage();
  const began = performance.now();
  const entry = new URL('../../out/host/serve.js', import.meta.url).pathname;
  const host = spawn(process.execPath, [entry, '--no-open', '--data-dir', join(folder, 'data')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise((resolve) => host.once('exit', resolve));
  try {
    await page.goto(`file://${await redirectFileOf(host.stdout)}`);
    await page.getByRole('button', { name: 'Practice' }).waitFor();
    return (performance.now() - began) / 1000;
  } finally {
    await browser.close();
    host.kill('SIGTERM');
    await gone;
    await rm(folder, { recursive: true, force: true });
  }
}
