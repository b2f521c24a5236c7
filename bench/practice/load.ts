import { type ChildProcess, spawn } from 'node:child_process';

const LOOPS = 4;

/** Four busy loops of normal priority. @returns what ends them */
export function startLoad(): () => Promise<void> {
  const loops = Array.from({ length: LOOPS }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  );
  return async () => void (await Promise.all(loops.map(end)));
}

function end(loop: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (loop.exitCode !== null || loop.signalCode !== null) return resolve();
    loop.once('exit', () => resolve());
    loop.kill('SIGKILL');
  });
}
