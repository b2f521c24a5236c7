import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { PracticeReport } from '../../../src-main/practice/report.ts';
import { startHostProcess } from '../host-process.ts';

/** Three rounds of a practice, its shaders and children included, on a busy machine. */
export const RUN_LIMIT_MS = 600_000;

/**
 * Plays a practice in which the user's own miner computes on another engine than the validator that checks it. Those on
 * one engine agree to the last bit, and others but for their rounding.
 * @param engine as the settings name it
 * @param prepare what the data folder holds beforehand
 */
export async function expectAgreement(
  engine: string,
  prepare: (folder: string) => Promise<void> = async () => {},
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), `butterfly-${engine}-`));
  try {
    const json = join(folder, 'report.json');
    const values = { 'training.engine': engine };
    await writeFile(join(folder, 'settings.json'), JSON.stringify({ version: 1, values }));
    await prepare(folder);
    const words = ['--practice', '--headless', '--rounds', '3', '--data-dir', folder, '--json', json];
    const host = startHostProcess(words);
    expect(await host.ended, host.output()).toBe(0);
    const { miners } = JSON.parse(await readFile(json, 'utf8')) as PracticeReport;
    // The user's own comes first.
    const agreement = miners[0]!.scores.gradient ?? 0;
    expect(agreement).toBeGreaterThan(0.999);
    expect(agreement).toBeLessThan(1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
