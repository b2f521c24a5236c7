import { finish, runEndToEnd } from '../build/suite.ts';

/** `npm run e2e`: the tests in a real Chromium. */
finish([await runEndToEnd({ args: process.argv.slice(2) })]);
