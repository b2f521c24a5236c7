import { finish, runEndToEnd, runUnits } from '../build/suite.ts';
import { build } from './build.ts';

/** `npm test`: the whole suite. Named files run alone, without the browser. */
const args = process.argv.slice(2);
await build();
const results = [await runUnits({ args })];
const isWhole = args.every((arg) => arg.startsWith('-'));
// Short: nobody looks at the pictures of this one. A real Electron is for those who ask: npm run e2e:electron.
if (isWhole)
  results.push(await runEndToEnd({ args: ['--project', '!electron'], env: { BUTTERFLY_SHORT: '1' } }));
finish(results);
