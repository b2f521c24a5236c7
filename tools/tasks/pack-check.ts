import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { electronToPack, runBuilder } from '../build/pack/builder.ts';
import { stage } from '../build/pack/stage.ts';
import { ownTarget } from '../build/pack/target.ts';
import { ROOT } from '../build/stamp.ts';
import { finish, runPackChecks } from '../build/suite.ts';
import { build } from './build.ts';

/**
 * `npm run pack:check`: packs the app for this computer into a folder, the `.deb` where Debian's tools are, and looks at
 * what came of it. The folder stays under dist/.
 */
const target = ownTarget();
await build();
stage(target);
const { dist, isReal } = await electronToPack();
console.error(isReal ? `Packing around ${dist}.` : 'Packing around a stand-in: no Electron runtime is here.');
rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
const kind = target.platform === 'linux' ? 'deb' : 'dir';
// How small the package becomes is no question here, and xz takes a minute.
const exitCode = await runBuilder(target, [kind, `-c.electronDist=${dist}`, '-c.deb.compression=zst']);
if (exitCode !== 0) process.exit(exitCode);
finish([await runPackChecks(process.argv.slice(2))], { isAlsoCounted: true });
