import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from '../../tools/build/stamp.ts';

const PROGRAM = join(ROOT, 'bin', 'butterfly.mjs');

/** The built host as `butterfly` starts it, at the head of a process group of its own. */
export function startBuiltHost(...words: readonly string[]): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...words], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/**
 * One command, as a script asks it.
 * @param node the program that the user's shell finds
 * @returns seconds from its start to its end, and what it printed
 */
export async function timedCommand(
  node: string,
  ...words: readonly string[]
): Promise<{ seconds: number; out: string }> {
  const began = performance.now();
  const child = spawn(node, [PROGRAM, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    out += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`butterfly ${words[0]} ended with ${code}`);
  return { seconds: (performance.now() - began) / 1e3, out };
}

/** Ends what is left of the group, whatever the figure came to. */
export function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing is left: that is what is hoped for.
  }
}
