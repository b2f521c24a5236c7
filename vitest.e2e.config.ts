import { defineConfig } from 'vitest/config';

/** Whole processes and a real browser: one file at a time, with time for a practice run to come to its earnings. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.e2e.ts'],
    globalSetup: 'test/e2e/built.ts',
    testTimeout: 300_000,
    hookTimeout: 120_000,
    // News of a host come once a second, and the machine may be busy.
    expect: { poll: { timeout: 20_000 } },
    maxWorkers: 1,
    fileParallelism: false,
    reporters: ['default', 'json'],
    outputFile: { json: 'test-results/e2e.json' },
  },
});
