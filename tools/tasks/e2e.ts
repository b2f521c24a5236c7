import { finish, runEndToEnd } from '../build/suite.ts';

/** `npm run e2e`: the tests in a real Chromium, with every look in both themes. CI counts them beside its suite. */
const suite = await runEndToEnd({ args: process.argv.slice(2), env: { BUTTERFLY_LONG: '1' } });
finish([suite], { isAlsoCounted: true });
