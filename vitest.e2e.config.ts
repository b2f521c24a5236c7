import { defineConfig } from 'vitest/config';
import { bundledLocks, knownLocks } from './test/locks/known-locks.ts';
import { faultReporter } from './tools/build/fault-reporter.ts';

const BUILT = 'test/e2e/built.ts';

/** First pages with a scripted host; then whole hosts, practices and such that compute nothing. */
export default defineConfig({
  test: {
    reporters: ['default', 'json', faultReporter('e2e')],
    outputFile: { json: 'test-results/e2e.json' },
    projects: [
      // On two cores too: much of a page's test is waiting.
      withKnownLocks(project('page', { maxWorkers: 4, groupOrder: 0 })),
      // Two at a time: a practice mostly waits for its blocks, and slows them down where the machine is busy. The longest of
      // them takes as long as all of the shells.
      project('practice', { maxWorkers: 2, groupOrder: 1 }),
      project('shell', { maxWorkers: 2, groupOrder: 1 }),
      project('electron', { maxWorkers: 1, groupOrder: 2 }),
    ],
  },
});

/** The signing window makes wallets in the tests' own process: their passwords need not take seconds. */
function withKnownLocks({ test }: ReturnType<typeof project>) {
  return { resolve: { alias: [knownLocks] }, test: { ...test, globalSetup: [BUILT, bundledLocks] } };
}

/** @param groupOrder projects of one order run together, and wait for those below */
function project(name: string, { maxWorkers, groupOrder }: { maxWorkers: number; groupOrder: number }) {
  return {
    test: {
      name,
      include: [`test/e2e/${name}/*.e2e.ts`],
      globalSetup: [BUILT],
      // Time for a practice to come to its earnings.
      testTimeout: 300_000,
      hookTimeout: 120_000,
      // News of a host come once a second, and the machine may be busy.
      expect: { poll: { timeout: 20_000 } },
      maxWorkers,
      sequence: { groupOrder },
    },
  };
}
