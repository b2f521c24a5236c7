import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PracticeReport } from '../../src-main/practice/report.ts';

/** Runs the command that users run, in a folder of its own, and reads what it wrote. */
export async function headlessRun(
  rounds: number,
): Promise<{ readonly report: PracticeReport; readonly exitCode: number | null }> {
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-bench-'));
  const json = join(folder, 'practice.json');
  const entry = new URL('../../out/host/serve.js', import.meta.url).pathname;
  const args = ['--practice', '--headless', '--rounds', String(rounds), '--adversary', 'free-rider'];
  const child = spawn(
    process.execPath,
    [entry, ...args, '--data-dir', join(folder, 'data'), '--json', json],
    { stdio: 'inherit' },
  );
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  try {
    return { report: JSON.parse(await readFile(json, 'utf8')) as PracticeReport, exitCode };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
