import { join } from 'node:path';
import { commandLineOrExit } from '../../src-main/commands/command-line.ts';
import { type Asked, isControl } from '../../src-main/commands/table.ts';
import { electronBinary, hasDisplay, installElectron } from '../build/electron-runtime.ts';
import { runNode, runProgram } from '../build/run-node.ts';
import { ROOT } from '../build/stamp.ts';
import { build } from './build.ts';

/** `npm start`: builds what changed and starts what was asked for, in an Electron window where that can be had. */
const words = process.argv.slice(2);
// Before a build of a minute, not after it: a mistyped word is told at once.
const { asked, foreign } = commandLineOrExit(words, 'pass');
// What only asks needs no build: it runs from its sources, and leaves what runs already as it is.
if (isControl(asked)) process.exit(await runNode(join(ROOT, 'src-main', 'serve.ts'), words));
const electron = wantsWindow(asked) ? await findElectron() : null;
// Without a window nobody would read Chromium's switches.
if (!electron && foreign.length > 0) commandLineOrExit(words, 'refuse');
await build();
console.error('Starting.');
process.exitCode = electron
  ? await runProgram(electron, [ROOT, ...words])
  : await runNode(join(ROOT, 'out', 'host', 'serve.js'), words);

function wantsWindow({ said }: Asked): boolean {
  return 'noOpen' in said && !said.noOpen && !said.headless;
}

async function findElectron(): Promise<string | null> {
  const binary = hasDisplay() ? (electronBinary() ?? (await installElectron())) : null;
  if (!binary) console.error('No Electron runtime is here: Butterfly opens in your browser instead.');
  return binary;
}
