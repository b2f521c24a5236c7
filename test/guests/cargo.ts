import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Some three hundred crates, on two cores. */
const BUILD_MS = 20 * 60_000;

/** Builds the program of a crate beside this file, once; what was built is kept outside the repository. @throws {Error} */
export async function builtCrate(folder: string, program: string): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const target = join(cache, 'butterfly-bench', program);
  const words = ['build', '--quiet', '--locked', '--manifest-path', join(folder, 'Cargo.toml')];
  await run('cargo', [...words, '--target-dir', target], { timeout: BUILD_MS });
  return join(target, 'debug', process.platform === 'win32' ? `${program}.exe` : program);
}
