import { defineConfig } from 'vitest/config';

/** `npm test` runs everything but e2e; `BUTTERFLY_LONG=1` (npm run test:long) raises the property and fuzz counts. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'node_modules/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // On two cores too: much of a test is waiting.
    maxWorkers: 3,
    reporters: ['default', 'json'],
    outputFile: { json: 'test-results/vitest.json' },
  },
});
