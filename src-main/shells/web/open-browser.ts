import { spawn } from 'node:child_process';
import { childEnv } from '../../../src-node/child-env.ts';
import { BROWSER_OPEN_MS } from '../limits.ts';

/** The program that hands a file to the user's default browser. */
function opener(file: string): [string, string[]] {
  if (process.platform === 'darwin') return ['open', [file]];
  if (process.platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', file]];
  return ['xdg-open', [file]];
}

/** What a desktop needs to find its session; it does not get the rest of our environment. */
const desktop = [
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
  'DBUS_SESSION_BUS_ADDRESS',
  'XDG_CURRENT_DESKTOP',
  'XDG_DATA_DIRS',
  'BROWSER',
];

/** @returns whether a browser could be asked to open the file; there may be none on this machine. */
export function openInBrowser(file: string): Promise<boolean> {
  const [command, args] = opener(file);
  const env = childEnv(process.env);
  for (const name of desktop) if (process.env[name]) env[name] = process.env[name];
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: 'ignore', detached: true, windowsHide: true });
    const limit = setTimeout(() => resolve(true), BROWSER_OPEN_MS);
    const settle = (opened: boolean) => {
      clearTimeout(limit);
      resolve(opened);
    };
    child.once('error', () => settle(false));
    child.once('exit', (code) => settle(code === 0));
    child.unref();
  });
}
