import type { ChildProcess } from 'node:child_process';
import { createBirpc } from 'birpc';
import { CALL_LIMIT_MS } from './limits.ts';

/** What a program in a place may be asked for. */
// biome-ignore lint/suspicious/noExplicitAny: their parameters are their own
type Calls = Readonly<Record<string, (...given: any[]) => unknown>>;

/** Serves a process of ours to the one that started it, and ends with that. */
export function serveCalls(calls: Calls): void {
  createBirpc<Record<string, never>, Calls>(calls, {
    post: (message) => process.send?.(message),
    on: (hear) => void process.on('message', hear),
  });
  process.on('disconnect', () => process.exit(0));
}

/** The calls of a process that serves them; each fails when it does not answer in time, or has ended. */
export function callsOf<C extends Calls>(child: ChildProcess) {
  const rpc = createBirpc<C, Record<string, never>>(
    {},
    {
      post: (message) => void child.send(message),
      on: (hear) => void child.on('message', hear),
      timeout: CALL_LIMIT_MS,
    },
  );
  child.once('exit', (code) => rpc.$close(new Error(`a process of the bench ended with ${code}`)));
  return rpc;
}
