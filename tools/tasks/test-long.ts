import { finish, runEndToEnd, runUnits } from '../build/suite.ts';
import { build } from './build.ts';

/** A property that takes a second in the short suite takes ten here, and some take far more. */
const TEST_TIMEOUT_MS = 900_000;
/** For as long nothing of a practice runs, as when its computer sleeps; e2e alone has a short nap. */
const SLEEP_MS = 600_000;
const SLEEP_TEST = ['--project', 'practice', 'test/e2e/practice/house-rules.e2e.ts', '-t', 'after a sleep'];

/**
 * `npm run test:long`: the same suite with full counts of every property and fuzz test, and a practice that sleeps for
 * ten minutes. With names of files, those alone.
 */
await build();
const named = process.argv.slice(2);
const units = await runUnits({
  args: [`--testTimeout=${TEST_TIMEOUT_MS}`, ...named],
  env: { BUTTERFLY_LONG: '1' },
});
const sleep = { BUTTERFLY_LONG: '1', BUTTERFLY_SLEEP_MS: `${SLEEP_MS}` };
finish(named.length > 0 ? [units] : [units, await runEndToEnd({ args: SLEEP_TEST, env: sleep })]);
