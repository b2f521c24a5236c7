/** How the engine gives commands to its threads, and hears of their end. */
import { nextStage, openFirst, takeParts } from './claims.ts';
import { COMMAND_NUMBERS, type Command, commandOf, type ExitCommand, numbersOf } from './commands.ts';
import type { Lane } from './lane.ts';
import type { Plan } from './plan.ts';
import { Programs } from './program.ts';
import { Rest } from './rest.ts';
import { COMMAND, FINISHED, FIRST, type Words, wordsOf } from './words.ts';

/**
 * Loads before a thread sleeps for want of a command, some 200 microseconds: longer than the engine takes from one to the
 * next. Threads that sleep meanwhile are often woken on one core, and share it for milliseconds.
 */
const SPINS = 200_000;

/** The two halves of each number of a command, so that they can be written and read as words are. */
function halvesIn(memory: WebAssembly.Memory, plan: Plan): Int32Array {
  return new Int32Array(memory.buffer, plan.arguments, 2 * COMMAND_NUMBERS);
}

/** Gives every thread a command. The one before has finished, though a thread may not have noticed. */
export function post(memory: WebAssembly.Memory, plan: Plan, command: Command | ExitCommand): void {
  const words = wordsOf(memory, plan);
  const into = halvesIn(memory, plan);
  Atomics.add(words, COMMAND, 1);
  new Int32Array(numbersOf(command).buffer).forEach((half, index) => {
    Atomics.store(into, index, half);
  });
  Atomics.store(words, FIRST, nextStage(words));
  new Rest(words, memory, plan).begin();
  if (command.kind !== 'exit') openFirst(words);
  Atomics.add(words, COMMAND, 1);
  Atomics.notify(words, COMMAND);
}

/** Resolves when every part of the command posted last is done. Does not block the caller's loop. */
export async function finished(memory: WebAssembly.Memory, plan: Plan): Promise<void> {
  const words = wordsOf(memory, plan);
  const command = Atomics.load(words, COMMAND);
  for (;;) {
    const seen = Atomics.load(words, FINISHED);
    if (seen === command) return;
    await Atomics.waitAsync(words, FINISHED, seen).value;
  }
}

/** The life of a pool thread: take a command, do parts of it, take the next; returns at `exit`. */
export function serve(memory: WebAssembly.Memory, plan: Plan, lane: Lane): void {
  const words = wordsOf(memory, plan);
  const rest = new Rest(words, memory, plan);
  const programs = new Programs(plan);
  for (let seen = 0; ; ) {
    seen = nextCommand(words, seen);
    const first = Atomics.load(words, FIRST);
    const command = commandOf(readNumbers(memory, plan));
    // The others did all of it before this thread had read it, and the next is being written.
    if (Atomics.load(words, COMMAND) !== seen) continue;
    if (command.kind === 'exit') return;
    const claimed = { stages: programs.of(command), first, command: seen };
    if (!takeParts(words, claimed, lane, rest)) continue;
    Atomics.store(words, FINISHED, seen);
    Atomics.notify(words, FINISHED);
  }
}

/** Waits until another command than `seen` stands there whole. */
function nextCommand(words: Words, seen: number): number {
  for (let spin = 0; ; spin++) {
    const now = Atomics.load(words, COMMAND);
    const isWhole = now % 2 === 0;
    if (now !== seen && isWhole) return now;
    if (spin >= SPINS) Atomics.wait(words, COMMAND, now);
  }
}

function readNumbers(memory: WebAssembly.Memory, plan: Plan): Float64Array {
  const halves = halvesIn(memory, plan).map((_, index, from) => Atomics.load(from, index));
  return new Float64Array(Int32Array.from(halves).buffer);
}
