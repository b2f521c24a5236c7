import { packageScript, runNode } from '../build/run-node.ts';

/** `npm run check`: everything that can be said about the sources without running them. Reports all, not the first. */
const biome = packageScript('@biomejs/biome', 'biome');
const checks: readonly {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
}[] = [
  { name: 'biome', script: biome, args: ['check', '--error-on-warnings', '.'] },
  { name: 'tsc', script: packageScript('typescript', 'tsc'), args: ['--noEmit', '-p', '.'] },
  {
    name: 'svelte-check',
    script: packageScript('svelte-check'),
    args: ['--tsconfig', 'src-renderer/tsconfig.json', '--output', 'human'],
  },
  {
    name: 'import direction',
    script: packageScript('vitest'),
    args: ['run', '--reporter=default', 'test/import-direction.test.ts'],
  },
];

// Side by side: each of them keeps one core busy. What one says comes in one piece, once it has ended.
const failed = await Promise.all(
  checks.map(async ({ name, script, args }) => {
    const words: string[] = [];
    const exitCode = await runNode(script, args, { said: (text) => words.push(text) });
    console.log(`\n== ${name}\n${words.join('')}`);
    return exitCode === 0 ? [] : [name];
  }),
).then((ended) => ended.flat());
console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
