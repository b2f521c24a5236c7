import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './stamp.ts';

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Something that made a run fail. */
export interface Fault {
  readonly where: string;
  /** A test that failed; otherwise what belongs to none, such as a set-up or a process that died. */
  readonly isTest: boolean;
  readonly message: string;
}

export const noTests: TestCounts = { passed: 0, failed: 0, skipped: 0 };

export const resultFile = (name: string): string => join(ROOT, 'test-results', `${name}.json`);

export const faultFile = (name: string): string => join(ROOT, 'test-results', `${name}-faults.json`);

/** An old result must not pass for that of a run which never came so far. */
export function forgetResults(name: string): void {
  for (const file of [resultFile(name), faultFile(name)]) rmSync(file, { force: true });
}

/** What made the run fail, as far as it came to say so. */
export const readFaults = (name: string): Fault[] =>
  existsSync(faultFile(name)) ? (JSON.parse(readFileSync(faultFile(name), 'utf8')) as Fault[]) : [];

export function readCounts(name: string): TestCounts {
  const file = resultFile(name);
  if (!existsSync(file)) return noTests;
  const report = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, number>>;
  return {
    passed: report.numPassedTests ?? 0,
    // A file that could not be loaded has no test that failed, and is a failure all the same.
    failed: (report.numFailedTests ?? 0) + readFaults(name).filter(({ isTest }) => !isTest).length,
    skipped: (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0),
  };
}

export const addCounts = (a: TestCounts, b: TestCounts): TestCounts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

const LINE_MOST = 300;

/** A line a fault. */
export const describeFault = ({ where, message }: Fault): string =>
  `FAILED ${where}: ${message.split('\n', 1)[0]?.slice(0, LINE_MOST)}`;

export const describeCounts = ({ passed, failed, skipped }: TestCounts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** Such a line read again; of any other text nothing is counted. */
export function countsOf(line: string): TestCounts {
  const [, passed, failed, skipped] = /^(\d+) passed, (\d+) failed, (\d+) skipped$/.exec(line.trim()) ?? [];
  return { passed: Number(passed ?? 0), failed: Number(failed ?? 0), skipped: Number(skipped ?? 0) };
}
