import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron, type ElectronApplication } from 'playwright-core';
import type { TestElectron } from '../../../tools/build/test-electron.ts';

/** Nobody in particular: as root Electron refuses its own sandbox. */
const [UID, GID] = [65_534, 65_534];
const isRoot = process.getuid?.() === 0;

export interface RealElectron {
  readonly app: ElectronApplication;
  /** Where the user that runs it has their wallets. */
  readonly wallets: string;
  stop(): Promise<void>;
}

/**
 * The built app in a real Electron, as a user without rights and on a display of its own, in a folder that goes with it.
 * @throws where a program that it needs is not here
 */
export async function startRealElectron(electron: TestElectron): Promise<RealElectron> {
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-electron-'));
  const at = (...names: string[]) => join(folder, ...names);
  try {
    // Linked, not copied: it is hundreds of megabytes, and may lie where nobody else may look.
    execFileSync('cp', ['-al', electron.dist, at('dist')]);
    // By its own name it knows that it is an installed app.
    await rename(at('dist', electron.binary), at('dist', 'butterfly'));
    await stageApp(at('dist', 'resources', 'app'), electron.sqlite);
    await mkdir(at('dist', 'resources', 'runtime'));
    await symlink(process.execPath, at('dist', 'resources', 'runtime', 'node'));
    for (const name of ['data', 'home']) await mkdir(at(name), { mode: 0o700 });
    if (isRoot) {
      execFileSync('chown', ['-R', `${UID}:${GID}`, at('data'), at('home')]);
      await chmod(folder, 0o755);
    }
    const program = at('start');
    await writeFile(program, launcher(at('dist', 'butterfly'), at('home')), { mode: 0o755 });
    const app = await _electron.launch({
      executablePath: program,
      args: ['--data-dir', at('data')],
      cwd: folder,
      chromiumSandbox: true,
    });
    return {
      app,
      wallets: at('home', '.bittensor', 'wallets'),
      async stop() {
        await app.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (thrown) {
    await rm(folder, { recursive: true, force: true });
    throw thrown;
  }
}

/** What an installed app has beside Electron: one file a process, the page, and the two packages that stay outside. */
async function stageApp(folder: string, sqlite: string | null): Promise<void> {
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  await cp(resolve('package.json'), join(folder, 'package.json'));
  await cp(resolve('out'), join(folder, 'out'), { recursive: true });
  const own = resolve('node_modules');
  await symlink(join(own, 'webgpu'), join(folder, 'node_modules', 'webgpu'));
  if (sqlite) await cp(sqlite, join(folder, 'node_modules'), { recursive: true });
  else await symlink(join(own, 'better-sqlite3'), join(folder, 'node_modules', 'better-sqlite3'));
}

function launcher(binary: string, home: string): string {
  const display = process.env.DISPLAY ? [] : ['xvfb-run', '-a'];
  const user = isRoot ? ['setpriv', `--reuid=${UID}`, `--regid=${GID}`, '--clear-groups'] : [];
  // The display is that user's, too: its key is for nobody else.
  const words = [...user, 'env', `HOME=${home}`, `XDG_CONFIG_HOME=${home}`, ...display, binary];
  return `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`;
}
