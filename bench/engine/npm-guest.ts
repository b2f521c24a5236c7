import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const INSTALL_MS = 5 * 60_000;

/**
 * A folder outside the repository whose node_modules hold packages of exact versions (`name@version`): peers of a
 * benchmark that nobody else needs. Their install scripts do not run.
 * @throws {Error} where the registry is out of reach
 */
export async function npmGuest(packages: readonly string[]): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const folder = join(cache, 'butterfly-bench', packages.join('+').replaceAll('/', '-').replaceAll('@', '-'));
  const mark = join(folder, 'installed');
  if (existsSync(mark)) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', ...packages];
  await promisify(execFile)('npm', words, { cwd: folder, timeout: INSTALL_MS });
  // Last: an install that was broken off is begun again.
  await mkdir(mark);
  return folder;
}
