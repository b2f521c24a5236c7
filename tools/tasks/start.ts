import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type HostOptions, optionsOrExit } from '../../src-main/options.ts';
import { electronBinary, hasDisplay, installElectron } from '../build/electron-runtime.ts';
import { runNode, runProgram } from '../build/run-node.ts';
import { ROOT } from '../build/stamp.ts';
import { build } from './build.ts';

/** `npm start`: builds what changed and starts the host, in an Electron window where that can be had. */
const args = process.argv.slice(2);
const options = optionsOrExit(args);
await build();
const electron = await findElectron(options);
process.exitCode = electron
  ? await runProgram(electron, [ROOT, ...args])
  : await runNode(join(ROOT, 'out', 'host', 'serve.js'), args);

async function findElectron({ open, headless }: HostOptions): Promise<string | null> {
  if (!open || headless) return null;
  const built = existsSync(join(ROOT, 'out', 'main', 'electron.js'));
  const binary = built && hasDisplay() ? (electronBinary() ?? (await installElectron())) : null;
  if (!binary)
    console.log("Electron's runtime is not available here: Butterfly opens in your browser instead.");
  return binary;
}
