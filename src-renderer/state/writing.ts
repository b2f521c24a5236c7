import type { HeldOutPoint, RoundSummary } from '../../src-shared/contract/page/runs.ts';
import type { WritingView } from '../../src-shared/contract/page/writing.ts';

/** The newest base that anything here tells of; null before the first commit. */
export function newestBase(
  history: readonly Pick<RoundSummary, 'round' | 'outcome'>[],
  heldOut: readonly Pick<HeldOutPoint, 'round'>[],
): number | null {
  const committed = history.findLast(({ outcome }) => outcome === 'committed')?.round ?? -1;
  const round = Math.max(committed, heldOut.at(-1)?.round ?? -1);
  return round < 0 ? null : round;
}

/** Whether the text that is shown is of an older base than there is. */
export const isOld = (writing: WritingView | null, base: number | null): boolean =>
  writing !== null && base !== null && (writing.now === null || writing.now.round < base);
