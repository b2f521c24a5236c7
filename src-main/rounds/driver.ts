import { type Listeners, listeners } from '../../src-node/listeners.ts';
import { toCodedError } from '../../src-shared/errors/app-error.ts';
import { carryOut, type Parts } from './commands.ts';
import { step } from './round-machine.ts';
import type { MachineSetup, MachineState, RoundCommand, RoundInput } from './round-state.ts';

export interface DriverEvents {
  /** The state moved on; both are immutable. */
  moved: { readonly before: MachineState; readonly after: MachineState };
  /** A round is over. */
  concluded: Extract<RoundCommand, { kind: 'conclude' }>;
}

/** Feeds the round machine and carries out what it answers. It knows no rule itself. */
export interface Driver extends Pick<Listeners<DriverEvents>, 'on'> {
  readonly state: MachineState;
  take(input: RoundInput): void;
  /** Work beside the commands that `idle` and `ended` shall wait for. */
  track(work: Promise<unknown>): void;
  readonly busy: boolean;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  /** Resolves when what was under way has ended; to be awaited once the signal has aborted. */
  ended(): Promise<void>;
}

export function startDriver(setup: MachineSetup, first: MachineState, parts: Parts): Driver {
  const { signal, log } = parts;
  const events = listeners<DriverEvents>();
  const running = new Set<Promise<unknown>>();
  let state = first;
  let lastFailure = '';

  function take(input: RoundInput): void {
    if (signal.aborted) return;
    const before = state;
    const next = step(setup, state, input);
    state = next.state;
    if (next.commands.length > 0) {
      log(lineOf(state, input, next.commands));
      track(runAll(next.commands));
    }
    if (state !== before) events.emit('moved', { before, after: state });
  }

  /** In order; a command that is saved to disk holds back those behind it, the others only begin in order. */
  async function runAll(commands: readonly RoundCommand[]): Promise<void> {
    let durable = true;
    for (const command of commands) {
      // Told in any case: the round is over, whatever the journal says of it.
      if (command.kind === 'conclude') events.emit('concluded', command);
      // What could not be made durable must not be acted upon.
      else if (!durable) continue;
      else if (command.kind === 'persist') durable = await run(command);
      else track(run(command));
    }
  }

  async function run(command: RoundCommand): Promise<boolean> {
    try {
      const answer = await carryOut(parts, command);
      if (answer) take(answer);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      const { code } = toCodedError(error);
      noteFailure(`${command.kind} ${code}`, error);
      take({ kind: 'failed', command: command.kind, code });
      return false;
    }
  }

  /** What fails at every block, as loading does while nobody gives the state, is logged once. */
  function noteFailure(what: string, error: unknown): void {
    if (what !== lastFailure) console.error('round command failed', what, error);
    lastFailure = what;
  }

  function track(work: Promise<unknown>): void {
    running.add(work);
    void work.finally(() => running.delete(work)).catch(() => undefined);
  }

  return {
    on: events.on,
    get state() {
      return state;
    },
    take,
    track,
    get busy() {
      return running.size > 0;
    },
    async idle() {
      while (running.size > 0) await Promise.allSettled(running);
    },
    async ended() {
      await Promise.allSettled(running);
    },
  };
}

/** One short line for each step of a round, for the log file. */
function lineOf(state: MachineState, input: RoundInput, commands: readonly RoundCommand[]): string {
  const { current, finalized } = state;
  const done = commands.map(({ kind }) => kind).join(', ');
  return `block ${finalized} round ${current?.round ?? '-'} ${current?.step ?? '-'}: ${input.kind} -> ${done}`;
}
