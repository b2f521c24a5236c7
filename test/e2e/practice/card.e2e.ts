import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { PracticeReport } from '../../../src-main/practice/report.ts';
import { chooseSoftwareGpu } from '../../src-worker/train/engine/software-gpu.ts';
import { startHostProcess } from '../host-process.ts';

const RUN_LIMIT_MS = 600_000;
const lacking = process.env.BUTTERFLY_LONG ? chooseSoftwareGpu() : 'it is long';
if (lacking) console.warn(`A miner on a graphics card is not tried in a practice: ${lacking}.`);

it.skipIf(lacking !== null)(
  'the work of a miner on a graphics card stands the check of a validator on a processor',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'butterfly-card-'));
    try {
      const json = join(folder, 'report.json');
      await writeFile(
        join(folder, 'settings.json'),
        JSON.stringify({ version: 1, values: { 'training.engine': 'gpu' } }),
      );
      const host = startHostProcess([
        '--practice',
        '--headless',
        '--rounds',
        '3',
        '--data-dir',
        folder,
        '--json',
        json,
      ]);
      expect(await host.ended, host.output()).toBe(0);
      const { miners } = JSON.parse(await readFile(json, 'utf8')) as PracticeReport;
      // The user's own comes first. Processors agree with one another to the last bit, and a card but for its rounding.
      const agreement = miners[0]!.scores.gradient ?? 0;
      expect(agreement).toBeGreaterThan(0.999);
      expect(agreement).toBeLessThan(1);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  RUN_LIMIT_MS,
);
