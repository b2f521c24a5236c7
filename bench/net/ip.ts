import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { COMMAND_LIMIT_MS } from './limits.ts';

const run = promisify(execFile);

/** Runs a program of iproute2. @throws {Error} with what it said */
export async function ip(program: 'ip' | 'tc', ...args: readonly string[]): Promise<string> {
  try {
    return (await run(program, args, { timeout: COMMAND_LIMIT_MS })).stdout;
  } catch (thrown) {
    const said = String((thrown as { stderr?: unknown }).stderr ?? thrown).trim();
    throw new Error(`${program} ${args.join(' ')}: ${said}`, { cause: thrown });
  }
}

/** Why no network can be made here; null where one can. */
export async function whyNoNetwork(): Promise<string | null> {
  if (process.platform !== 'linux') return 'namespaces of networks are Linux’s';
  if (process.getuid?.() !== 0) return 'namespaces of networks want root';
  try {
    for (const program of ['ip', 'tc'] as const) await ip(program, '-V');
    return null;
  } catch (thrown) {
    return `iproute2 is wanted: ${(thrown as Error).message}`;
  }
}
