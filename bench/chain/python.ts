import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const isWindows = process.platform === 'win32';
/** A wheel of the SDK's Rust core is 20 MB, and pip resolves some fifty packages. */
const INSTALL_MS = 15 * 60_000;
const RUN_MS = 3 * 60_000;
const MAX_OUTPUT_BYTES = 32 * 1024 * 1024;

/** Where programs of one Python package lie, installed once and kept between runs. */
export interface PythonHome {
  /** Path of a program of it: `python`, `btcli`. */
  program(name: string): string;
}

/**
 * Packages of exact versions (`name==version`), in an environment of their own outside the repository.
 * @throws {Error} where PyPI or Python is out of reach
 */
export async function installed(packages: readonly string[]): Promise<PythonHome> {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const folder = join(cache, 'butterfly-bench', packages.join('+').replaceAll('==', '-'));
  const program = (called: string) =>
    join(folder, isWindows ? 'Scripts' : 'bin', isWindows ? `${called}.exe` : called);
  const mark = join(folder, 'installed');
  if (!existsSync(mark)) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(cache, { recursive: true });
    await run('python3', ['-m', 'venv', folder], { timeout: INSTALL_MS });
    await run(program('python'), ['-m', 'pip', 'install', '--quiet', ...packages], {
      timeout: INSTALL_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
    });
    // Last: an environment that was broken off is begun again.
    await mkdir(mark);
  }
  return { program };
}

/**
 * Runs a program with a home of its own, so that it neither reads nor writes what a person has: keys, settings,
 * metadata kept from another chain.
 * @returns what it printed, both streams
 */
export async function output(program: string, words: readonly string[], home: string): Promise<string> {
  const { stdout, stderr } = await run(program, words, {
    timeout: RUN_MS,
    maxBuffer: MAX_OUTPUT_BYTES,
    cwd: home,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      USERPROFILE: home,
      XDG_CACHE_HOME: home,
      NO_COLOR: '1',
      TERM: 'dumb',
      COLUMNS: '300',
    },
  });
  return `${stdout}\n${stderr}`;
}
