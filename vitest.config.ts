import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { builtEntries, builtPrograms } from './test/built/built.ts';
import { bundledLocks, knownLocks } from './test/locks/known-locks.ts';
import { faultReporter } from './tools/build/fault-reporter.ts';
import { loadsDrivers } from './tools/build/lost-process.ts';

/** Those in which passwords become keys as they do for users: seconds, and half a gigabyte. */
const locks = ['test/src-main/vault/real-locks.test.ts', 'test/guests/wallets.test.ts'];
const files = globSync('test/**/*.test.ts', { exclude: ['test/e2e/**', ...locks] });
/**
 * Those that put something in the place of a module, or count what all modules have begun, need modules of their own.
 * Those that load drivers of graphics cards need a process of their own: what such a library left behind when a device
 * went, threads among it, is not to meet the tests of another file.
 */
const OWN_MODULES = /vi\.mock\(|vi\.getTimerCount\(/;
const apart = files.filter((file) => OWN_MODULES.test(readFileSync(file, 'utf8')) || loadsDrivers(file));

/** `npm test` runs everything but e2e; `BUTTERFLY_LONG=1` (npm run test:long) raises the property and fuzz counts. */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for comes in a moment, and the machine may be busy.
    expect: { poll: { timeout: 20_000 } },
    setupFiles: ['test/properties.ts'],
    // On two cores too: much of a test is waiting.
    maxWorkers: 4,
    reporters: ['default', 'json', faultReporter('vitest')],
    outputFile: { json: 'test-results/vitest.json' },
    projects: [
      // Modules are loaded once for each worker: loading them took as long as the tests.
      {
        extends: true,
        resolve: { alias: [knownLocks, builtEntries] },
        test: {
          name: 'unit',
          globalSetup: [bundledLocks, builtPrograms],
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', ...locks, ...apart],
          isolate: false,
        },
      },
      {
        extends: true,
        resolve: { alias: [knownLocks, builtEntries] },
        test: {
          name: 'unit, apart',
          globalSetup: [bundledLocks, builtPrograms],
          include: apart,
          isolate: true,
        },
      },
      {
        extends: true,
        resolve: { alias: [builtEntries] },
        test: { name: 'unit, real locks', globalSetup: [builtPrograms], include: locks },
      },
    ],
  },
});
