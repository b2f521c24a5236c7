import { finish, runEndToEnd, runUnits } from '../build/suite.ts';
import { build } from './build.ts';

/** `npm test`: the whole suite. Named files run alone, without the browser. */
const args = process.argv.slice(2);
await build();
const results = [await runUnits({ args })];
if (args.every((arg) => arg.startsWith('-'))) results.push(await runEndToEnd({ args: [] }));
finish(results);
