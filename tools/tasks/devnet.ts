import { join } from 'node:path';
import { commandLineOrExit } from '../../src-main/commands/command-line.ts';
import { runNode } from '../build/run-node.ts';
import { ROOT } from '../build/stamp.ts';
import { build } from './build.ts';

/** `npm run devnet`: a practice chain alone. Builds no page and no engine, which it does not need. */
const words = ['devnet', ...process.argv.slice(2)];
// Before a build, not after it: a mistyped word is told at once.
commandLineOrExit(words);
await build(['processes']);
process.exitCode = await runNode(join(ROOT, 'out', 'host', 'serve.js'), words);
