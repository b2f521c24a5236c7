import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './stamp.ts';

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const noTests: TestCounts = { passed: 0, failed: 0, skipped: 0 };

export const resultFile = (name: string): string => join(ROOT, 'test-results', `${name}.json`);

/** An old result must not pass for that of a run which never came so far. */
export const forgetResults = (name: string): void => rmSync(resultFile(name), { force: true });

export function readCounts(name: string): TestCounts {
  const file = resultFile(name);
  if (!existsSync(file)) return noTests;
  const report = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, number>>;
  return {
    passed: report.numPassedTests ?? 0,
    failed: report.numFailedTests ?? 0,
    skipped: (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0),
  };
}

export const addCounts = (a: TestCounts, b: TestCounts): TestCounts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

export const describeCounts = ({ passed, failed, skipped }: TestCounts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;
