import type { ChildProcess } from 'node:child_process';
import { endsWithin } from '../../src-node/waits.ts';

/** How a process ended, in words for the log: "exit code 1", "signal SIGSEGV". */
export const endReason = (code: number | null, signal: NodeJS.Signals | null): string =>
  signal ? `signal ${signal}` : `exit code ${code ?? '?'}`;

/** What a fault in native code ends a process with; somebody who wants it ended sends other signals. */
const CRASH_SIGNALS = ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP', 'SIGSYS'];
/** Windows ends such a process with the fault itself: an NTSTATUS of the severity "error". */
const isFault = (code: number): boolean => code >>> 28 === 0xc && !ENDED_FROM_OUTSIDE.includes(code);
/** Ctrl+C, and a session that ended while the process started. */
const ENDED_FROM_OUTSIDE = [0xc000013a, 0xc0000142];

/** Whether a process that ended for this reason crashed in native code, a driver's or a library's. */
export function isCrash(reason: string): boolean {
  const [, kind, value = ''] = /^(signal|exit code) (\S+)$/.exec(reason) ?? [];
  return kind === 'signal' ? CRASH_SIGNALS.includes(value) : kind !== undefined && isFault(Number(value));
}

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
    await endsWithin(drained, drainMs);
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
