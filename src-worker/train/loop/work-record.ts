import type { WorkRecord } from '../../../src-shared/spool.ts';
import { hex } from '../../../src-shared/units.ts';
import { RECORD_PAGES } from '../limits.ts';
import type { Progress, RoundProgress } from '../state/progress.ts';
import type { MicroBatch, Stretch } from './assignment.ts';

/** What one inner step adds to the progress. `sketches` come with the first step of a round. */
export function afterStep(
  before: Progress,
  batches: readonly MicroBatch[],
  context: number,
  sketches: number[][],
): Progress {
  const sequences = batches.reduce((sum, { ids }) => sum + ids.length / context, 0);
  return {
    step: before.step + 1,
    tokens: before.tokens + sequences * context,
    sinceReset: before.sinceReset + 1,
    round: before.round && roundAfter(before.round, batches, sketches),
  };
}

/** A step whose gradient was not finite: its text is behind us, nothing is claimed for it. */
export function afterSpoiltStep(before: Progress, batches: readonly MicroBatch[]): Progress {
  const cursor = batches.at(-1)?.next;
  const { round } = before;
  return {
    ...before,
    round: round && cursor ? { ...round, innerSteps: round.innerSteps + 1, cursor } : round,
  };
}

/** A step on text that nobody assigned: the place in the round's own text stays, and nothing is claimed. */
export function afterUnassignedStep(before: Progress, tokens: number): Progress {
  const { round } = before;
  return {
    ...before,
    step: before.step + 1,
    tokens: before.tokens + tokens,
    sinceReset: before.sinceReset + 1,
    round: round && { ...round, unassignedSteps: round.unassignedSteps + 1 },
  };
}

function roundAfter(
  before: RoundProgress,
  batches: readonly MicroBatch[],
  sketches: number[][],
): RoundProgress {
  const cursor = batches.at(-1)?.next ?? before.cursor;
  const innerSteps = before.innerSteps + 1;
  if (before.isClosed) return { ...before, innerSteps, cursor };
  const pages = before.pages.map((page) => ({ ...page }));
  for (const { stretches } of batches) for (const stretch of stretches) enter(pages, stretch);
  return {
    ...before,
    innerSteps,
    cursor,
    pages,
    steps: before.steps + 1,
    sequences: pages.reduce((sum, page) => sum + page.sequences, 0),
    sketches: sketches.length > 0 ? sketches : before.sketches,
  };
}

/** Sequences are claimed once: a page that was drawn a second time is full already and adds nothing. */
function enter(pages: RoundProgress['pages'], { index, sha256, sequences, ofPage }: Stretch): void {
  let page = pages.find((entry) => entry.index === index);
  if (!page) {
    if (pages.length >= RECORD_PAGES) return;
    page = { index, sequences: 0, sha256: hex(sha256) };
    pages.push(page);
  }
  page.sequences += Math.min(sequences, ofPage - page.sequences);
}

/** The work record as it goes into the spool. A round in which no step was taken has an empty one. */
export function workRecord(round: number, hotkey: string, progress: RoundProgress | null): WorkRecord {
  const { pages, steps, sequences, sketches } = progress ?? nothing;
  return { round, hotkey, pages, steps, sequences, sketches };
}

const nothing: Pick<RoundProgress, 'pages' | 'steps' | 'sequences' | 'sketches'> = {
  pages: [],
  steps: 0,
  sequences: 0,
  sketches: [],
};
