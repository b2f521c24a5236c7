import { defineConfig } from 'vitest/config';
import { faultReporter } from './tools/build/fault-reporter.ts';

/** What `npm run pack:check` made, as it lies in dist/. */
export default defineConfig({
  test: {
    name: 'pack',
    include: ['test/pack/*.pack.ts'],
    reporters: ['default', 'json', faultReporter('pack')],
    outputFile: { json: 'test-results/pack.json' },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
