import { open, rm, stat, writeFile } from 'node:fs/promises';
import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Host } from '../host.ts';
import { watchPractice } from '../practice/headless.ts';
import { type PracticeReport, shortcomings } from '../practice/report.ts';
import type { HostDelay } from '../supervisor/host-delay.ts';
import { isAlive } from '../supervisor/process-end.ts';

import { print, printError } from './terminal.ts';

export interface CountedPractice {
  readonly rounds: number;
  /** Where the report goes, or null. */
  readonly json: string | null;
  readonly hostDelay: HostDelay;
  readonly signal: AbortSignal;
}

/** A whole practice without a page, and the end of its host: exit code 0 only if everything it promises came true. */
export async function countedPractice(host: Host, asked: CountedPractice): Promise<number> {
  const { rounds, json, hostDelay, signal } = asked;
  const askedAtMs = performance.now();
  const practice = await host.practice();
  const watched = await watchPractice({ practice, rounds, askedAtMs, hostDelay, log: print, signal });
  const pids = new Set(practice.pidsSeen());
  await host.stop();
  const report: PracticeReport = { ...watched, processesLeft: [...pids].filter(isAlive).length };
  if (json) await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
  const failures = shortcomings(report, rounds);
  for (const failure of failures) printError(`Failed: ${failure}`);
  if (report.processesLeft > 0) printError(`Failed: ${report.processesLeft} processes left`);
  return failures.length > 0 || report.processesLeft > 0 ? 1 : 0;
}

/**
 * Finds out before a long run whether its report can be written.
 * @throws {AppError} REPORT_UNWRITABLE
 */
export async function checkReportFile(path: string): Promise<void> {
  const isNew = (await stat(path).catch(() => null)) === null;
  try {
    const file = await open(path, 'a');
    await file.close();
    if (isNew) await rm(path);
  } catch (thrown) {
    throw new AppError('REPORT_UNWRITABLE', { path }, thrown);
  }
}
