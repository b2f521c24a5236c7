/**
 * How threads share a command out among themselves. Nobody waits for a thread, only for a part that somebody has taken:
 * one that a busy machine does not let run holds up nobody, and takes parts again when it is back. With shares fixed
 * beforehand, two threads beside one busy program took longer than one alone (docs/decisions/0024).
 *
 * The word OPEN tells which stage is open and which of its parts is next. Stages are numbered on from command to
 * command, so a thread that comes late cannot take a part for one of an earlier stage.
 */
import { NAP_LONGEST_MS, NAP_SHORTEST_MS } from '../limits.ts';
import type { Lane } from './lane.ts';
import type { Rest } from './rest.ts';
import type { Stage } from './stage.ts';
import { COMMAND, DONE, OPEN, type Words } from './words.ts';

const PART_BITS = 13;
/** Never a part's number: 64 threads have 4 parts of each of 16 tensors at most. */
const NO_PART = 2 ** PART_BITS - 1;
const STAGE_MASK = 2 ** (32 - PART_BITS) - 1;
/** Loads before a thread naps, some 20 microseconds: parts last ten to a hundred. */
const SPINS = 20_000;

const stageOf = (open: number) => open >>> PART_BITS;
const openAt = (stage: number, part: number) => (stage << PART_BITS) | part;

/** Number of the stage that comes next; nothing is open. */
export function nextStage(words: Words): number {
  return stageOf(Atomics.load(words, OPEN));
}

/** Opens the first stage of a command. */
export function openFirst(words: Words): void {
  Atomics.store(words, OPEN, openAt(nextStage(words), 0));
}

export type Claimed = {
  readonly stages: readonly Stage[];
  /** Number of the first of them. */
  readonly first: number;
  /** What COMMAND was when they were made. */
  readonly command: number;
};

/** Takes parts as long as the command lasts. @returns whether this thread did the last part of all */
export function takeParts(words: Words, claimed: Claimed, lane: Lane, rest: Rest): boolean {
  const { stages, first, command } = claimed;
  while (Atomics.load(words, COMMAND) === command) {
    const open = Atomics.load(words, OPEN);
    const index = (stageOf(open) - first) & STAGE_MASK;
    const stage = stages[index];
    if (!stage) return false;
    const part = open & NO_PART;
    if (part >= stage.parts) waitForNext(words, open);
    else if (Atomics.compareExchange(words, OPEN, open, open + 1) === open) {
      stage.run(lane, part);
      if (Atomics.add(words, DONE, 1) + 1 < stage.parts) continue;
      const isLast = index + 1 === stages.length;
      openNext(words, open, isLast, rest);
      if (isLast) return true;
    }
  }
  return false;
}

/** Whoever does the last part of a stage opens the next, once all have rested as they must. */
function openNext(words: Words, open: number, isLast: boolean, rest: Rest): void {
  Atomics.store(words, DONE, 0);
  const hasRested = rest.take();
  Atomics.store(words, OPEN, openAt(stageOf(open) + 1, isLast ? NO_PART : 0));
  if (hasRested) Atomics.notify(words, OPEN);
}

/**
 * All parts are taken. A thread that sleeps is woken after a rest only: to wake one at every stage would cost the others
 * more than it brings, and make two threads on one core take turns at each.
 */
function waitForNext(words: Words, open: number): void {
  for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(words, OPEN) !== open) return;
  for (let nap = NAP_SHORTEST_MS; Atomics.load(words, OPEN) === open; nap = Math.min(2 * nap, NAP_LONGEST_MS))
    Atomics.wait(words, OPEN, open, nap);
}
