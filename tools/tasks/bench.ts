import { readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench } from '../../bench/report/figures.ts';
import { table } from '../../bench/report/table.ts';
import { ROOT } from '../build/stamp.ts';
import { build } from './build.ts';

/**
 * `npm run bench -- NAME [--only FIGURE[,FIGURE]] [--json FILE]`: measures, prints a table, and writes the same as JSON.
 * `npm run bench -- engine --device --out FOLDER [...]`: makes and runs the script for a machine with a graphics card.
 */
const names = readdirSync(join(ROOT, 'bench'))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));

if (process.argv.includes('--device')) {
  const { runDeviceBench } = await import('../../bench/engine/device/bundle.ts');
  const words = process.argv.slice(process.argv.indexOf('--device') + 1);
  process.exit(await runDeviceBench(words));
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, only: { type: 'string' } },
});
const name = positionals[0];
if (!name || !names.includes(name)) {
  console.error(
    `Which benchmark? One of: ${names.join(', ')}. Usage: npm run bench -- NAME [--only FIGURE[,FIGURE]] [--json FILE]`,
  );
  process.exit(2);
}
await build();
const { bench } = (await import(`../../bench/${name}.ts`)) as { bench: Bench };
const report = await bench(values.only?.split(',') ?? null);
console.log(table(report));
if (values.json) writeFileSync(resolve(values.json), `${JSON.stringify(report, null, 2)}\n`);
// A benchmark may leave sockets and timers of what it measured.
process.exit(0);
