import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Ends a process with all that it began: on Windows those that descend from it, elsewhere the group that it leads.
 * @returns what does it, where that takes a process of its own
 */
export function killTree(pid: number, signal: 'SIGTERM' | 'SIGKILL'): ChildProcess | null {
  if (process.platform === 'win32')
    return spawn('taskkill', ['/T', '/F', '/PID', String(pid)], { windowsHide: true, stdio: 'ignore' });
  try {
    process.kill(-pid, signal);
  } catch {
    // It is gone.
  }
  return null;
}
