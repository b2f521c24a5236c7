import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PracticeReport } from '../../../src-main/practice/report.ts';
import { adversaries } from '../../../src-shared/contract/adversary.ts';
import { startHostProcess } from '../host-process.ts';

const ROUNDS = 4;
const RUN_LIMIT_MS = 600_000;

/**
 * Each in a practice of real processes: some two minutes each, so that only `test:long` has the time. In so few rounds the pay
 * of those that are found late is not judged (src-main/practice/report.ts); `bench -- integrity` plays the rounds for that.
 */
describe.runIf(process.env.BUTTERFLY_LONG)('a practice with a dishonest peer', () => {
  it.each(adversaries)(
    'goes on, and pays what was earned: %s',
    async (adversary) => {
      const folder = await mkdtemp(join(tmpdir(), 'butterfly-adversary-'));
      try {
        const json = join(folder, 'report.json');
        const args = ['--practice', '--headless', '--rounds', String(ROUNDS), '--adversary', adversary];
        const host = startHostProcess([...args, '--data-dir', join(folder, 'data'), '--json', json]);
        const exitCode = await host.ended;
        const report = JSON.parse(await readFile(json, 'utf8')) as PracticeReport;
        expect(report.miners.filter((one) => one.adversary === adversary)).not.toEqual([]);
        expect(report.processesLeft).toBe(0);
        expect(exitCode, host.output()).toBe(0);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    RUN_LIMIT_MS,
  );
});
