import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { PracticeReport } from '../../../src-main/practice/report.ts';
import { lacksTensorFlow, tensorFlowFolder } from '../../src-worker/train/engine/tensorflow/native.ts';
import { startHostProcess } from '../host-process.ts';

const RUN_LIMIT_MS = 600_000;
const lacking = process.env.BUTTERFLY_LONG ? lacksTensorFlow() : 'it is long';
if (lacking) console.warn(`A miner on TensorFlow is not tried in a practice: ${lacking}.`);

it.skipIf(lacking !== null)(
  'the work of a miner on TensorFlow stands the check of a validator on Butterfly’s own kernels',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'butterfly-tensorflow-'));
    try {
      const json = join(folder, 'report.json');
      const values = { 'training.engine': 'tensorflow' };
      await writeFile(join(folder, 'settings.json'), JSON.stringify({ version: 1, values }));
      await mkdir(join(folder, 'engines'));
      await symlink(tensorFlowFolder(), join(folder, 'engines', 'tensorflow'));
      const words = ['--practice', '--headless', '--rounds', '3', '--data-dir', folder, '--json', json];
      const host = startHostProcess(words);
      expect(await host.ended, host.output()).toBe(0);
      const { miners } = JSON.parse(await readFile(json, 'utf8')) as PracticeReport;
      // The user's own comes first. Those on one engine agree to the last bit, and others but for their rounding.
      const agreement = miners[0]!.scores.gradient ?? 0;
      expect(agreement).toBeGreaterThan(0.999);
      expect(agreement).toBeLessThan(1);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  RUN_LIMIT_MS,
);
