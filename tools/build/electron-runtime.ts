import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './stamp.ts';

/** `npm start` must not hang on a download that will not come: behind a firewall it never answers. */
const INSTALL_MS = 20_000;
/** After a failed download the next starts go straight to the browser for a day. */
const RETRY_MS = 24 * 60 * 60 * 1_000;
const FAILED = join(ROOT, 'out', '.stamps', 'electron-missing');
const PACKAGE = join(ROOT, 'node_modules', 'electron');

/** The runtime that is here, or null. */
export function electronBinary(): string | null {
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(PACKAGE, 'dist');
  const binary = join(folder, binaryName());
  return existsSync(binary) ? binary : null;
}

function binaryName(): string {
  const named = join(PACKAGE, 'path.txt');
  if (existsSync(named)) return readFileSync(named, 'utf8').trim();
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return process.platform === 'win32' ? 'electron.exe' : 'electron';
}

/** Electron draws windows: on a machine without a display there is nothing for it to do. */
export const hasDisplay = (): boolean =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);

/** Lets Electron's own installer fetch its runtime, within the limit. @returns the binary, or null. */
export async function installElectron(): Promise<string | null> {
  const script = join(PACKAGE, 'install.js');
  if (!existsSync(script) || recentlyFailed()) return null;
  console.log(`Fetching Electron's runtime (at most ${INSTALL_MS / 1_000} s) ...`);
  await new Promise<void>((resolve) => {
    const child = spawn(process.execPath, [script], { cwd: PACKAGE, stdio: 'ignore', timeout: INSTALL_MS });
    child.on('error', () => resolve());
    child.on('exit', () => resolve());
  });
  const binary = electronBinary();
  if (!binary) {
    mkdirSync(join(ROOT, 'out', '.stamps'), { recursive: true });
    writeFileSync(FAILED, '');
  }
  return binary;
}

const recentlyFailed = (): boolean =>
  Date.now() - (statSync(FAILED, { throwIfNoEntry: false })?.mtimeMs ?? 0) < RETRY_MS;
