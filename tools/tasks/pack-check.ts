import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { electronToPack, runBuilder } from '../build/pack/builder.ts';
import { stage } from '../build/pack/stage.ts';
import { makeStandIn, standInProgram } from '../build/pack/stand-in-electron.ts';
import { checkedTargets, isOwn, ownTarget, type Target } from '../build/pack/target.ts';
import { ROOT } from '../build/stamp.ts';
import { finish, runPackChecks } from '../build/suite.ts';
import { build } from './build.ts';

/**
 * `npm run pack:check`: packs the app for this computer into a folder, the `.deb` where Debian's tools are, and looks at
 * what came of it; on Linux also into folders for Windows and macOS, of which all but two programs is real. The folders
 * stay under dist/.
 */
await build();
rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
for (const target of checkedTargets()) {
  const exitCode = isOwn(target) ? await packOwn() : await packForeign(target);
  if (exitCode !== 0) process.exit(exitCode);
}
finish([await runPackChecks(process.argv.slice(2))], { isAlsoCounted: true });

async function packOwn(): Promise<number> {
  const target = ownTarget();
  stage(target);
  const { dist, isReal } = await electronToPack();
  console.error(
    isReal ? `Packing around ${dist}.` : 'Packing around a stand-in: no Electron runtime is here.',
  );
  const kind = target.platform === 'linux' ? 'deb' : 'dir';
  // How small the package becomes is no question here, and xz takes a minute.
  return runBuilder(target, [kind, `-c.electronDist=${dist}`, '-c.deb.compression=zst']);
}

async function packForeign(target: Target): Promise<number> {
  stage(target, standInProgram(target));
  return runBuilder(target, ['dir', `-c.electronDist=${await makeStandIn(target)}`]);
}
