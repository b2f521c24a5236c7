import { packageScript, runNode } from '../build/run-node.ts';

/** `npm run check`: everything that can be said about the sources without running them. Reports all, not the first. */
const biome = packageScript('@biomejs/biome', 'biome');
const checks: readonly { readonly name: string; run(): Promise<number> }[] = [
  { name: 'biome', run: () => runNode(biome, ['check', '--error-on-warnings', '.']) },
  { name: 'tsc', run: () => runNode(packageScript('typescript', 'tsc'), ['--noEmit', '-p', '.']) },
  {
    name: 'svelte-check',
    run: () =>
      runNode(packageScript('svelte-check'), [
        '--tsconfig',
        'src-renderer/tsconfig.json',
        '--output',
        'human',
      ]),
  },
  {
    name: 'import direction',
    run: () =>
      runNode(packageScript('vitest'), ['run', '--reporter=default', 'test/import-direction.test.ts']),
  },
];

const failed: string[] = [];
for (const { name, run } of checks) {
  console.log(`\n== ${name}`);
  if ((await run()) !== 0) failed.push(name);
}
console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
