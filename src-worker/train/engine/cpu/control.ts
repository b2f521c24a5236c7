/** How the engine and its pool threads meet: a few words at the start of the shared memory. */
import { WORK_BEFORE_REST_MS } from '../limits.ts';
import { restMs } from '../throttle.ts';
import type { Kernels } from './kernels.ts';
import type { Lane } from './lane.ts';
import type { Plan } from './plan.ts';
import type { Command } from './program.ts';

/** Words at `plan.control`. */
const ARRIVED = 0;
const GENERATION = 1;
const COMMAND = 2;
const FINISHED = 3;
/** Thousandths of the time that threads may work. */
const SHARE = 4;
/** Nobody ever changes it: threads wait here to rest. */
const NEVER = 5;
/**
 * Loads before a thread goes to sleep at a barrier, some 20 microseconds: stages last a hundred, and to be woken takes
 * as long as half of one.
 */
const SPINS = 20_000;

const KINDS = ['exit', 'microStep', 'eval', 'norm', 'adamw', 'sketch'] as const;
const FIELDS = {
  exit: [],
  microStep: ['sequences', 'accumulate', 'scale', 'weights'],
  eval: ['sequences', 'weights'],
  norm: [],
  adamw: ['gradScale', 'beta1', 'beta2', 'eps', 'lr', 'weightDecay', 'step'],
  sketch: ['keyA', 'keyB'],
} as const;

function wordsOf(memory: WebAssembly.Memory, plan: Plan): Int32Array<SharedArrayBuffer> {
  return new Int32Array(memory.buffer as SharedArrayBuffer, plan.control, 16);
}

function argumentsOf(memory: WebAssembly.Memory, plan: Plan): Float64Array {
  return new Float64Array(memory.buffer, plan.arguments, 16);
}

export function createLane(kernels: Kernels, memory: WebAssembly.Memory, plan: Plan, thread: number): Lane {
  const words = wordsOf(memory, plan);
  const parts = new Float64Array(memory.buffer, plan.normParts, plan.normPartCount);
  const threads = plan.threads.length;
  const rest = new Rest(words);
  return {
    kernels,
    plan,
    thread,
    threads,
    scratch: plan.threads[thread]!,
    weights: plan.parameters,
    begin: () => rest.begin(),
    barrier: () => {
      if (threads > 1) meet(words, threads);
      if (thread === 0) rest.take();
    },
    writePart: (index, value) => {
      parts[index] = value;
    },
  };
}

/** The last to arrive opens the barrier for all. */
function meet(words: Int32Array, threads: number): void {
  const generation = Atomics.load(words, GENERATION);
  if (Atomics.add(words, ARRIVED, 1) === threads - 1) {
    Atomics.store(words, ARRIVED, 0);
    Atomics.add(words, GENERATION, 1);
    Atomics.notify(words, GENERATION);
    return;
  }
  for (let spin = 0; spin < SPINS; spin++) {
    if (Atomics.load(words, GENERATION) !== generation) return;
  }
  while (Atomics.load(words, GENERATION) === generation) Atomics.wait(words, GENERATION, generation);
}

/** How hard the threads may work from their next stage on, as a share of their time. */
export function setShare(memory: WebAssembly.Memory, plan: Plan, share: number): void {
  Atomics.store(wordsOf(memory, plan), SHARE, Math.round(1000 * share));
}

/**
 * Between two stages the first thread rests for what was worked since the last time; the others wait for it at the next
 * barrier. If each of them rested, each would take the others' rest for work, and rest for that as well.
 */
class Rest {
  readonly #words: Int32Array;
  #sinceMs = performance.now();

  constructor(words: Int32Array) {
    this.#words = words;
  }

  /** What went before was no work. */
  begin(): void {
    this.#sinceMs = performance.now();
  }

  take(): void {
    const share = Atomics.load(this.#words, SHARE) / 1000;
    if (share === 0 || share >= 1) return;
    const workedMs = performance.now() - this.#sinceMs;
    if (workedMs < WORK_BEFORE_REST_MS) return;
    Atomics.wait(this.#words, NEVER, 0, restMs(workedMs, { share }));
    this.begin();
  }
}

/** Gives every pool thread a command. The one before has finished. */
export function post(memory: WebAssembly.Memory, plan: Plan, command: Command | { kind: 'exit' }): void {
  const words = wordsOf(memory, plan);
  const values = argumentsOf(memory, plan);
  values[0] = KINDS.indexOf(command.kind);
  const fields = command as unknown as Record<string, number | boolean>;
  FIELDS[command.kind].forEach((name, index) => {
    values[index + 1] = Number(fields[name]);
  });
  Atomics.store(words, FINISHED, 0);
  Atomics.add(words, COMMAND, 1);
  Atomics.notify(words, COMMAND);
}

/** Resolves when every thread has finished the command posted last. Does not block the caller's loop. */
export async function finished(memory: WebAssembly.Memory, plan: Plan): Promise<void> {
  const words = wordsOf(memory, plan);
  for (;;) {
    const count = Atomics.load(words, FINISHED);
    if (count === plan.threads.length) return;
    await Atomics.waitAsync(words, FINISHED, count).value;
  }
}

/** The life of a pool thread: take a command, run it, say so; returns at `exit`. */
export function serve(memory: WebAssembly.Memory, plan: Plan, run: (command: Command) => void): void {
  const words = wordsOf(memory, plan);
  const values = argumentsOf(memory, plan);
  for (let seen = 0; ; seen++) {
    while (Atomics.load(words, COMMAND) === seen) Atomics.wait(words, COMMAND, seen);
    const command = read(values);
    if (!command) return;
    run(command);
    Atomics.add(words, FINISHED, 1);
    Atomics.notify(words, FINISHED);
  }
}

function read(values: Float64Array): Command | undefined {
  const kind = KINDS[values[0]!]!;
  if (kind === 'exit') return undefined;
  const fields = FIELDS[kind].map((name, index) => [name, values[index + 1]!] as const);
  const command = Object.fromEntries(fields) as Record<string, number | boolean>;
  if (kind === 'microStep') command.accumulate = command.accumulate === 1;
  return { kind, ...command } as Command;
}
