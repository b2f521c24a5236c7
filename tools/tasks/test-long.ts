import { randomInt } from 'node:crypto';
import { finish, runEndToEnd, runUnits } from '../build/suite.ts';
import { build } from './build.ts';

/** A property that takes a second in the short suite takes ten here, and some take far more. */
const TEST_TIMEOUT_MS = 900_000;
/** For as long nothing of a practice runs, as when its computer sleeps; e2e alone has a short nap. */
const SLEEP_MS = 600_000;
const OWN_RUN_TEST = ['--project', 'practice', 'test/e2e/practice/own-run.e2e.ts'];
const OWN_VALIDATOR_TEST = ['--project', 'practice', 'test/e2e/practice/own-validator.e2e.ts'];
const CHEATS_TEST = ['--project', 'practice', 'test/e2e/practice/adversaries.e2e.ts'];
const SLEEP_TEST = ['--project', 'practice', 'test/e2e/practice/house-rules.e2e.ts', '-t', 'after a sleep'];

/**
 * `npm run test:long`: the same suite with full counts of every property and fuzz test from a new seed, a run of one's
 * own from an empty subnet on, a practice with a validator of one's own, one with each kind of cheat, and one that sleeps
 * for ten minutes. With names of files, those alone.
 */
await build();
const named = process.argv.slice(2);
const seed = process.env.BUTTERFLY_SEED ?? `${randomInt(2 ** 31)}`;
console.log(`Properties draw from seed ${seed}. Again from it: BUTTERFLY_SEED=${seed} npm run test:long`);
const env = { BUTTERFLY_LONG: '1', BUTTERFLY_SEED: seed };
const results = [await runUnits({ args: [`--testTimeout=${TEST_TIMEOUT_MS}`, ...named], env })];
if (named.length === 0) {
  results.push(await runEndToEnd({ args: OWN_RUN_TEST, env }));
  results.push(await runEndToEnd({ args: OWN_VALIDATOR_TEST, env }));
  results.push(await runEndToEnd({ args: CHEATS_TEST, env }));
  const sleep = { ...env, BUTTERFLY_SLEEP_MS: `${SLEEP_MS}` };
  results.push(await runEndToEnd({ args: SLEEP_TEST, env: sleep }));
}
finish(results);
