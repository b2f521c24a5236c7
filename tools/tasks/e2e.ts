import { finish, runEndToEnd } from '../build/suite.ts';
import { build } from './build.ts';

/** `npm run e2e`: the tests in a real Chromium. */
await build();
finish([await runEndToEnd({ args: process.argv.slice(2) })]);
