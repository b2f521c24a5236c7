import { chmod, lstat, mkdir, stat } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { PATH_BYTES_MAX, WINDOWS_PATH_BYTES_MAX } from './limits.ts';

/**
 * The folder that the environment names (as `--data-dir` would), or where this operating system keeps an app's own files. A variable that is empty or relative counts as not set, as
 * the XDG rules want it: a folder that moved with the terminal's would be another one at each start.
 * @throws {AppError} HOME_UNKNOWN
 */
export function defaultDataDir(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  const set = (name: string): string | null => {
    const value = env[name];
    return value && isAbsolute(value) ? value : null;
  };
  if (env.BUTTERFLY_DATA_DIR) return placeOf(env.BUTTERFLY_DATA_DIR, env);
  if (platform === 'win32')
    return join(set('LOCALAPPDATA') ?? join(homeFolder(env), 'AppData', 'Local'), 'Butterfly');
  if (platform === 'darwin') return join(homeFolder(env), 'Library', 'Application Support', 'Butterfly');
  return join(set('XDG_DATA_HOME') ?? join(homeFolder(env), '.local', 'share'), 'butterfly');
}

function homeFolder(env: NodeJS.ProcessEnv): string {
  const candidates = [() => env.HOME, homedir, () => userInfo().homedir];
  for (const candidate of candidates) {
    const found = quietly(candidate);
    if (found && isAbsolute(found)) return found;
  }
  throw new AppError('HOME_UNKNOWN', { home: env.HOME ?? '' });
}

/** Users without an entry in the system's list have no home there; asking throws. */
function quietly(ask: () => string | undefined): string | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

/**
 * A folder as a person wrote it, as a full path. A shell expands `~` only where it stands first and unquoted.
 * @throws {AppError} DATA_DIR_INVALID, HOME_UNKNOWN
 */
export function placeOf(given: string, env: NodeJS.ProcessEnv = process.env): string {
  const [first = '', ...below] = given.split(/[\\/]/);
  if (given.trim() === '' || given.includes('\0') || (first.startsWith('~') && first !== '~'))
    throw new AppError('DATA_DIR_INVALID', { path: given });
  return first === '~' ? join(homeFolder(env), ...below) : resolve(given);
}

/** @throws {AppError} PATH_TOO_LONG: some file below it could not be made later */
export function checkLength(path: string, platform = process.platform): void {
  const longest = platform === 'win32' ? WINDOWS_PATH_BYTES_MAX : PATH_BYTES_MAX;
  if (Buffer.byteLength(path) > longest) throw new AppError('PATH_TOO_LONG', { path });
}

/**
 * Makes the folder for this user alone; one that exists is the user's, and its mode is left alone. Level by level:
 * below /proc Node's recursive `mkdir` never returns.
 * @throws {AppError} DATA_DIR_INVALID, PATH_IS_FILE, PATH_DANGLES, or of the disk
 */
export async function makeFolder(path: string): Promise<void> {
  const missing: string[] = [];
  let at = path;
  while (!(await isFolder(at))) {
    missing.push(at);
    at = dirname(at);
  }
  for (const one of missing.reverse()) await makeOne(one, path);
  if (missing.length > 0) await chmod(path, 0o700);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    if (await isLink(path)) throw new AppError('PATH_DANGLES', { path }, thrown);
    if (dirname(path) === path) throw new AppError('DATA_DIR_INVALID', { path }, thrown);
    return false;
  }
  throw new AppError('PATH_IS_FILE', { path });
}

const isLink = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

async function makeOne(path: string, wanted: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    // Another start was faster.
    if (code === 'EEXIST' && (await isFolder(path))) return;
    // The folder above is there: a file system of the kernel that takes no folders of ours.
    if (code === 'ENOENT') throw new AppError('DATA_DIR_INVALID', { path: wanted }, thrown);
    throw thrown;
  }
}
