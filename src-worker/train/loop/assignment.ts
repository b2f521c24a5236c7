import { AppError } from '../../../src-shared/errors/app-error.ts';
import { drawPair, type PagePurpose, pageSeed } from '../../../src-shared/pages.ts';
import type { Batch } from '../engine/engine.ts';
import { PAGES_AHEAD, PAGES_WITHOUT_TEXT } from '../pages/limits.ts';
import { sliceBatch } from '../pages/packing.ts';
import type { Page, PageSource } from '../pages/page-source.ts';
import type { Cursor } from '../state/progress.ts';

/** The pages of one hotkey in one round, in the order in which they are worked off. */
export interface Assignment {
  /** Also seeds the random signs of its sketches: nobody knows them before the round's block. */
  readonly seed: Uint8Array;
  readonly context: number;
  page(k: number, signal: AbortSignal): Promise<Page>;
  /** The number of that page; nothing of it is loaded. */
  drawn(k: number, signal: AbortSignal): Promise<number>;
}

export interface Assigned {
  readonly profileHash: string;
  readonly round: number;
  readonly hotkey: string;
  readonly blockHash: string;
  /** Default: the miner's own pages. */
  readonly purpose?: PagePurpose;
}

export function assignmentOf(source: PageSource, context: number, assigned: Assigned): Assignment {
  const { purpose = { kind: 'assigned' } } = assigned;
  const seed = pageSeed({ ...assigned, manifestHash: source.manifestHash, window: 0, purpose });
  // A page serves many micro-batches in a row; loading it hashes it.
  let held: { readonly k: number; readonly page: Page } | undefined;
  const drawn = (k: number, signal: AbortSignal) => source.draw(drawPair(seed, k), signal);
  return {
    seed,
    context,
    drawn,
    async page(k, signal) {
      if (held?.k === k) return held.page;
      const loading = drawn(k, signal).then((index) => source.loadPage(index, signal));
      source.ahead?.(Array.from({ length: PAGES_AHEAD }, (_, ahead) => drawPair(seed, k + 1 + ahead)));
      const page = await loading;
      held = { k, page };
      return page;
    },
  };
}

/** A run of sequences within one page. */
export interface Stretch {
  readonly index: number;
  readonly sha256: string;
  readonly sequences: number;
  /** Sequences in the whole page. */
  readonly ofPage: number;
}

export interface MicroBatch extends Batch {
  readonly stretches: readonly Stretch[];
  /** Where the next one begins. */
  readonly next: Cursor;
}

/** The next `count` sequences from the cursor on; a micro-batch may begin in one page and end in the next. */
export async function readMicroBatch(
  assignment: Assignment,
  cursor: Cursor,
  count: number,
  signal: AbortSignal,
): Promise<MicroBatch> {
  const { context } = assignment;
  const ids = new Uint16Array(count * context);
  const targets = new Uint16Array(count * context);
  const stretches: Stretch[] = [];
  let { page: k, sequence } = cursor;
  let withoutText = 0;
  for (let filled = 0; filled < count; ) {
    const page = await assignment.page(k, signal);
    withoutText = page.sequences === 0 ? withoutText + 1 : 0;
    if (withoutText >= PAGES_WITHOUT_TEXT) throw new AppError('TEXT_NONE', { pages: withoutText });
    const sequences = Math.min(count - filled, page.sequences - sequence);
    if (sequences > 0) {
      const part = sliceBatch(page.tokens, context, sequence, sequences);
      ids.set(part.ids, filled * context);
      targets.set(part.targets, filled * context);
      stretches.push({ index: page.index, sha256: page.sha256, sequences, ofPage: page.sequences });
    }
    filled += sequences;
    sequence += sequences;
    if (sequence >= page.sequences) [k, sequence] = [k + 1, 0];
  }
  return { ids, targets, stretches, next: { page: k, sequence } };
}

/** The micro-batches of one inner step. */
export async function readStep(
  assignment: Assignment,
  from: Cursor,
  shape: { readonly microBatches: number; readonly sequences: number },
  signal: AbortSignal,
): Promise<MicroBatch[]> {
  const batches: MicroBatch[] = [];
  for (let i = 0; i < shape.microBatches; i += 1)
    batches.push(await readMicroBatch(assignment, batches.at(-1)?.next ?? from, shape.sequences, signal));
  return batches;
}
