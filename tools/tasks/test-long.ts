import { finish, runUnits } from '../build/suite.ts';
import { build } from './build.ts';

/** A property that takes a second in the short suite takes ten here, and some take far more. */
const TEST_TIMEOUT_MS = 900_000;

/** `npm run test:long`: the same suite with full counts of every property and fuzz test. */
await build();
const args = [`--testTimeout=${TEST_TIMEOUT_MS}`, ...process.argv.slice(2)];
finish([await runUnits({ args, env: { BUTTERFLY_LONG: '1' } })]);
