/**
 * A command is a list of stages, a stage a number of parts that no order binds: whichever thread is free takes the next
 * one. Parts are cut so that no sum depends on how many there are.
 */
import type { Lane } from './lane.ts';

/** Parts for a thread at most: with several, a thread that was held up leaves its own to the others. */
const PARTS_PER_THREAD = 4;

/** Something that may be done piece by piece, at once and in any order. */
export type Work = {
  readonly total: number;
  /** Pieces are cut at its multiples. */
  readonly unit: number;
  /** A thread gets more than one part only where each is as large as this: what a part costs beside its work. */
  readonly enough: number;
  /** Does elements [start, end) of `total`. */
  readonly run: (lane: Lane, start: number, end: number) => void;
};

export type Stage = {
  readonly parts: number;
  readonly run: (lane: Lane, part: number) => void;
};

/** Works that do not need each other, as one stage of `threads` threads. */
export function stage(threads: number, ...works: readonly Work[]): Stage {
  const counts = works.map((work) => partsOf(work, threads));
  return {
    parts: counts.reduce((sum, count) => sum + count, 0),
    run(lane, part) {
      let [index, left] = [0, part];
      while (left >= counts[index]!) left -= counts[index++]!;
      runPart(lane, works[index]!, left, counts[index]!);
    },
  };
}

function partsOf({ total, unit, enough }: Work, threads: number): number {
  if (threads === 1) return 1;
  const each = Math.floor(total / (enough * threads));
  return Math.min(Math.ceil(total / unit), threads * Math.min(PARTS_PER_THREAD, Math.max(1, each)));
}

function runPart(lane: Lane, { total, unit, run }: Work, part: number, parts: number): void {
  const units = Math.ceil(total / unit);
  const cut = (index: number) => Math.min(total, Math.floor((units * index) / parts) * unit);
  run(lane, cut(part), cut(part + 1));
}
