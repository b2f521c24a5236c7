import type { ChildProcess } from 'node:child_process';

/** Resolves to false when the limit passed first. The timer does not keep the host alive. */
export async function within(limitMs: number, done: Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), limitMs);
  try {
    return await Promise.race([done.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** How a process ended, in words for the log: "exit code 1", "signal SIGSEGV". */
export const endReason = (code: number | null, signal: NodeJS.Signals | null): string =>
  signal ? `signal ${signal}` : `exit code ${code ?? '?'}`;

/** Resolves once the process is gone and what it printed has been read, as far as that comes in time. */
export function processEnd(child: ChildProcess, drainMs: number): Promise<string> {
  const { promise: gone, resolve } = Promise.withResolvers<string>();
  const { promise: drained, resolve: drain } = Promise.withResolvers<void>();
  child.once('exit', (code, signal) => resolve(endReason(code, signal)));
  child.once('close', () => drain());
  // A binary that cannot be started emits "error" and never "exit".
  child.once('error', (error: NodeJS.ErrnoException) => {
    if (child.pid === undefined) {
      resolve(`not started: ${error.code ?? error.name}`);
      drain();
    }
  });
  return gone.then(async (reason) => {
    await within(drainMs, drained);
    return reason;
  });
}

/** Whether a process of that id runs, whoever it belongs to. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
