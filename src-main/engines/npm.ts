import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { nodeBinary } from '../supervisor/node-binary.ts';
import { type Program, pathFolders, type Running, runProgram } from './program.ts';

/**
 * npm's own program: beside the Node that children run on, or that of any Node on the PATH. It is run by our Node, so that
 * native parts are installed for the one that loads them.
 */
export function findNpm(env: NodeJS.ProcessEnv = process.env, node = nodeBinary()): string | null {
  for (const folder of [dirname(node), ...pathFolders(env)])
    for (const candidate of [
      join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
      join(folder, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
      behindLink(join(folder, 'npm')),
    ])
      if (candidate && basename(candidate) === 'npm-cli.js' && existsSync(candidate)) return candidate;
  return null;
}

function behindLink(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

/** @throws {AppError} ENGINE_NPM_MISSING, ENGINE_STEP_FAILED, CANCELLED */
export async function runNpm(
  words: readonly string[],
  { folder, limitMs }: Pick<Program, 'folder' | 'limitMs'>,
  running: Running,
): Promise<void> {
  const npm = findNpm();
  if (npm === null) throw new AppError('ENGINE_NPM_MISSING');
  const command = nodeBinary();
  const program = { name: 'npm', command, words: [npm, ...words], folder, limitMs, before: dirname(command) };
  await runProgram(program, running);
}
