import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { childEnv } from '../../src-node/child-env.ts';
import { aborted, endsWithin, withLimit } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { entryPath } from '../entry-path.ts';
import { eachLine } from '../supervisor/last-lines.ts';
import { OUTPUT_DRAIN_MS, REPORT_LINE_CHARS } from '../supervisor/limits.ts';
import { nodeBinary } from '../supervisor/node-binary.ts';
import { processEnd } from '../supervisor/process-end.ts';
import { killTree } from './kill-tree.ts';
import { PROGRAM_STOP_MS } from './limits.ts';

/** A program of somebody else that is run to its end. */
export interface Program {
  /** What people know it by. */
  readonly name: string;
  readonly command: string;
  readonly words: readonly string[];
  readonly folder: string;
  readonly limitMs: number;
  /** A folder whose programs go before those of the same name elsewhere. */
  readonly before?: string;
}

export interface Running {
  readonly signal: AbortSignal;
  log(line: string): void;
}

/**
 * Runs a program; what it prints goes into the log. One that is cancelled or takes too long ends with all that it began,
 * and so does one whose host is killed.
 * @throws {AppError} ENGINE_STEP_FAILED, CANCELLED
 */
export async function runProgram(
  { name, command, words, folder, limitMs, before }: Program,
  { signal, log }: Running,
): Promise<void> {
  signal.throwIfAborted();
  log(`${name}: ${command} ${words.join(' ')}`);
  const child = spawn(nodeBinary(), [entryPath('leash'), command, ...words], {
    cwd: folder,
    env: installerEnv(process.env, before),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    windowsHide: true,
    // A group of its own, which can be ended whole.
    detached: process.platform !== 'win32',
  });
  for (const stream of [child.stdout, child.stderr])
    if (stream) eachLine(stream, REPORT_LINE_CHARS, (line) => log(`${name}: ${line}`));
  let told: string | null = null;
  child.once('message', (reason) => {
    told = String(reason);
  });
  const ended = processEnd(child, OUTPUT_DRAIN_MS);
  const over = withLimit(signal, limitMs);
  const isOver = await Promise.race([ended.then(() => false), aborted(over).then(() => true)]);
  if (isOver) await end(child, ended);
  // A leash that was killed leaves the program behind.
  else if (told === null && child.pid !== undefined) killTree(child.pid, 'SIGKILL');
  if (signal.aborted) throw new AppError('CANCELLED', {}, signal.reason);
  const reason = isOver ? 'it took too long' : (told ?? (await ended));
  if (reason !== 'exit code 0') throw new AppError('ENGINE_STEP_FAILED', { program: name, reason });
}

async function end({ pid }: ChildProcess, ended: Promise<string>): Promise<void> {
  if (pid === undefined) return;
  killTree(pid, 'SIGTERM');
  await endsWithin(ended, PROGRAM_STOP_MS);
  // Also where the program has ended: what it began need not have.
  killTree(pid, 'SIGKILL');
  await endsWithin(ended, PROGRAM_STOP_MS);
}

/** What npm, pip and the package's installer read of a user's own settings, beside what any child may see. */
const SETTINGS = /^(?:npm_config_|pip_|tfjs_node_|xdg_(?:config|cache|data)_home$|ssl_cert_dir$|all_proxy$)/i;

export function installerEnv(own: NodeJS.ProcessEnv, before?: string): Record<string, string> {
  const env = childEnv(own);
  for (const [name, value] of Object.entries(own))
    if (value !== undefined && SETTINGS.test(name)) env[name] = value;
  if (before !== undefined) env.PATH = [before, ...pathFolders(own)].join(delimiter);
  return env;
}

/** Where a program lies on this computer; null where it is not on the PATH. */
export function findProgram(name: string, env: NodeJS.ProcessEnv = process.env): string | null {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  for (const folder of pathFolders(env))
    for (const ending of endings)
      if (existsSync(join(folder, name + ending))) return join(folder, name + ending);
  return null;
}

export const pathFolders = (env: NodeJS.ProcessEnv): readonly string[] =>
  (env.PATH ?? env.Path ?? '').split(delimiter).filter(Boolean);
