import type { Consensus } from '../profile/schema.ts';
import type { WorkRecord } from '../spool.ts';
import type { Ss58 } from '../units.ts';
import type { WorkFault } from './why.ts';

/** Whoever claims more than this many times the average gains nothing by it. */
const CAP = 2;

/**
 * Claimed distinct sequences over their root mean square among those whose gradient counts: 1 for an average miner,
 * whatever their number; at most 2. Whoever's gradient does not count has 0.
 */
export function stepsScores(
  claims: readonly { readonly hotkey: Ss58; readonly sequences: number; readonly gradient: number }[],
): ReadonlyMap<Ss58, number> {
  const counting = claims.filter(({ gradient }) => gradient > 0);
  const squares = counting.reduce((sum, { sequences }) => sum + sequences * sequences, 0);
  const rms = Math.sqrt(squares / Math.max(1, counting.length));
  return new Map(
    claims.map(({ hotkey, sequences, gradient }) => [
      hotkey,
      gradient > 0 && rms > 0 ? Math.min(CAP, sequences / rms) : 0,
    ]),
  );
}

/** Why a work record cannot be true by its own figures; null when it may be. */
export function impossibleWork(record: WorkRecord, consensus: Consensus): WorkFault | null {
  const { inner, dataset } = consensus;
  const perStep = inner.microBatchesPerStep * inner.sequencesPerMicroBatch;
  const inPages = record.pages.reduce((sum, { sequences }) => sum + sequences, 0);
  // Who has nothing to add is not ready: no look could find text by which to tell what such a contribution does.
  if (record.sequences === 0) return 'nothing-trained';
  if (record.steps > inner.maxStepsPerRound) return 'too-many-steps';
  if (record.sequences > record.steps * perStep) return 'more-than-steps';
  if (record.sequences > inPages) return 'more-than-pages';
  if (new Set(record.pages.map(({ index }) => index)).size !== record.pages.length) return 'page-twice';
  if (dataset.kind === 'embedded' && record.pages.some((page) => page.sequences > dataset.pageSequences))
    return 'page-overfull';
  if (record.sketches.length !== inner.microBatchesPerStep) return 'sketches-missing';
  return null;
}
