import { spawn } from 'node:child_process';
import { processEnd } from '../supervisor/process-end.ts';
import { killTree } from './kill-tree.ts';

/**
 * Leads the group of a program of somebody else, for the host at the other end of the channel. A host that is killed
 * stops nothing; but its end of the channel closes then, and the program goes with all that it began.
 */
const [command = '', ...words] = process.argv.slice(2);
const program = spawn(command, words, { stdio: ['ignore', 'inherit', 'inherit'], windowsHide: true });

// It is the program that is asked to end; this process ends after it.
process.on('SIGTERM', () => undefined);
process.on('disconnect', endAll);
if (!process.connected) endAll();

const reason = await processEnd(program, 0);
// Without a channel nobody is there to be told.
if (process.connected) process.send?.(reason, undefined, undefined, () => process.exit());

function endAll(): void {
  if (process.platform !== 'win32') killTree(process.pid, 'SIGKILL');
  else if (program.pid !== undefined) killTree(program.pid, 'SIGKILL')?.once('close', () => process.exit());
}
