import { exitCodes } from '../commands/exit-codes.ts';
import { SAME_PRESS_MS } from './limits.ts';
import { printError } from './terminal.ts';

/** How the process is asked to end. */
export interface Ending {
  /** Aborts when everything is to be stopped in order. */
  readonly signal: AbortSignal;
  /** Asks for it from inside: the page's button, the control door. */
  ask(): void;
}

const STOPPING = 'Stopping: the state is saved.';

/** What signals come from and go to; the process itself outside of tests. */
export interface Surroundings {
  on(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown;
  exit(code: number): unknown;
  /** Monotonic. */
  nowMs(): number;
  say(line: string): void;
}

const surroundings: Surroundings = {
  on: (signal, listener) => process.on(signal, listener),
  exit: (code) => process.exit(code),
  nowMs: () => performance.now(),
  say: printError,
};

/**
 * Ends in order at the first signal: of Ctrl+C, of a system that shuts down, of a terminal that goes away. A second
 * Ctrl+C leaves at once, which the files survive and the children follow.
 */
export function endOnSignals({ on, exit, nowMs, say } = surroundings): Ending {
  const stopping = new AbortController();
  let pressedAtMs = Number.NEGATIVE_INFINITY;

  function ask(line: string): void {
    if (stopping.signal.aborted) return;
    say(line);
    stopping.abort();
  }

  function interrupt(): void {
    // A terminal and npm both pass one press on.
    if (nowMs() - pressedAtMs < SAME_PRESS_MS) return;
    pressedAtMs = nowMs();
    if (!stopping.signal.aborted) {
      ask(`${STOPPING} Press Ctrl+C again to leave at once.`);
      return;
    }
    say('Left without waiting. Nothing is lost: the next start goes on from the last saved state.');
    exit(exitCodes.leftAtOnce);
  }

  on('SIGINT', interrupt);
  for (const name of ['SIGTERM', 'SIGHUP'] as const) on(name, () => ask(STOPPING));
  return { signal: stopping.signal, ask: () => ask(STOPPING) };
}

/** A terminal that is gone, or a pipe nobody reads, must not end the program in the middle of a write. */
export function outliveTerminal(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}
