import { electronToPack, runBuilder } from '../build/pack/builder.ts';
import { stage } from '../build/pack/stage.ts';
import { ownTarget, type Target } from '../build/pack/target.ts';
import { build } from './build.ts';

/**
 * `npm run dist`: the installers that this operating system can make, into dist/. What needs tools that cannot be had
 * here is named and left out; where `CI` is set that is a failure.
 */
const KINDS: Readonly<Record<Target['platform'], readonly string[]>> = {
  linux: ['deb', 'AppImage'],
  darwin: ['dmg', 'zip'],
  win32: ['nsis'],
};

const target = ownTarget();
const asked = process.argv.slice(2);
await build();
stage(target);
const electron = await electronToPack();
if (!electron.isReal)
  console.error(
    'No Electron runtime is here, so something else stands in for it: what is built now has the command line, and opens no window. npx install-electron fetches one.',
  );
const missing: string[] = [];
for (const kind of asked.length > 0 ? asked : KINDS[target.platform])
  if ((await runBuilder(target, [kind, `-c.electronDist=${electron.dist}`])) !== 0) missing.push(kind);
if (missing.length > 0)
  console.error(`Could not be made here: ${missing.join(', ')}. The reason stands above.`);
process.exitCode = missing.length > 0 && (process.env.CI || asked.length > 0) ? 1 : 0;
