import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHROMIUM_MISSING, findChromium } from './chromium.ts';
import { lostProcesses } from './lost-process.ts';
import { packageScript, runNode } from './run-node.ts';
import { ROOT } from './stamp.ts';
import {
  addCounts,
  countsOf,
  describeCounts,
  describeFault,
  type Fault,
  forgetResults,
  readCounts,
  readFaults,
  type TestCounts,
} from './test-summary.ts';

export interface SuiteResult {
  readonly exitCode: number;
  readonly counts: TestCounts;
  readonly faults: readonly Fault[];
}

export interface SuiteOptions {
  /** Handed on to vitest: names of files, flags. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Everything but the browser. Files whose process V8 or a driver ended are run once more, which is said. */
export async function runUnits({ args, env = {} }: SuiteOptions): Promise<SuiteResult> {
  const first = await runUnitsOnce(args, env);
  const lost = lostProcesses(first.faults);
  if (lost.length === 0) return first;
  console.log(`A process of tests was ended by V8 or by a driver. Once more: ${lost.join(', ')}`);
  const again = await runUnitsOnce(lost, env);
  const counted = { ...first.counts, failed: first.counts.failed - lost.length };
  return { ...again, counts: addCounts(counted, again.counts) };
}

async function runUnitsOnce(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<SuiteResult> {
  forgetResults('vitest');
  const exitCode = await runNode(packageScript('vitest'), ['run', ...args], { env });
  return { exitCode, counts: readCounts('vitest'), faults: readFaults('vitest') };
}

/**
 * Whole processes, most of them with a real browser. Without one those tests skip and it is named as missing, which
 * is a failure where `CI` is set.
 */
export async function runEndToEnd({ args, env = {} }: SuiteOptions): Promise<SuiteResult> {
  forgetResults('e2e');
  const chromium = findChromium();
  if (!chromium) console.error(CHROMIUM_MISSING);
  const config = ['--config', 'vitest.e2e.config.ts'];
  const exitCode = await runNode(packageScript('vitest'), ['run', ...config, ...args], {
    env: { ...env, ...(chromium ? { CHROMIUM_PATH: chromium } : {}) },
  });
  return { exitCode, counts: readCounts('e2e'), faults: readFaults('e2e') };
}

/** What was packed, looked at as it lies in dist/. */
export async function runPackChecks(args: readonly string[]): Promise<SuiteResult> {
  forgetResults('pack');
  const config = ['--config', 'vitest.pack.config.ts'];
  const exitCode = await runNode(packageScript('vitest'), ['run', ...config, ...args]);
  return { exitCode, counts: readCounts('pack'), faults: readFaults('pack') };
}

/** What `.ci/run` closes with; written last. */
const SUMMARY = join(ROOT, 'test-results', 'summary.txt');

/**
 * Prints what failed once more, then the one closing line, and sets the exit code.
 * @param options.isAlsoCounted beside what the last whole suite came to, so that CI closes with both
 */
export function finish(
  results: readonly SuiteResult[],
  { isAlsoCounted = false }: { readonly isAlsoCounted?: boolean } = {},
): void {
  const before = isAlsoCounted && process.env.CI && existsSync(SUMMARY) ? readFileSync(SUMMARY, 'utf8') : '';
  const counts = results.map((result) => result.counts).reduce(addCounts, countsOf(before));
  for (const fault of results.flatMap((result) => result.faults)) console.log(describeFault(fault));
  console.log(describeCounts(counts));
  writeFileSync(SUMMARY, `${describeCounts(counts)}\n`);
  process.exitCode = results.every((result) => result.exitCode === 0) ? 0 : 1;
}
