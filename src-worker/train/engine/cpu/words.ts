import type { Plan } from './plan.ts';

/** Words at `plan.control`, by which the engine and its threads meet. */
export type Words = Int32Array<SharedArrayBuffer>;

/** Number of the stage that is open, and of its part that is next: see `claims.ts`. */
export const OPEN = 0;
/** Parts of that stage that are done. */
export const DONE = 1;
/** How often a command was written or began to be: odd while one is. */
export const COMMAND = 2;
/** What COMMAND was of the command that finished last. */
export const FINISHED = 3;
/** Thousandths of the time that threads may work. */
export const SHARE = 4;
/** Nobody ever changes it: threads wait here to rest. */
export const NEVER = 5;
/** Number of the first stage of the command. */
export const FIRST = 6;

export function wordsOf(memory: WebAssembly.Memory, plan: Plan): Words {
  return new Int32Array(memory.buffer as SharedArrayBuffer, plan.control, 16);
}
