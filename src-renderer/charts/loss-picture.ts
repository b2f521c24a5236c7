import type { HeldOutPoint, SeriesPoint } from '../../src-shared/contract/page/runs.ts';
import type { RoundMark } from './round-times.ts';

/** What the loss chart draws. */
export interface LossPicture {
  readonly series: readonly SeriesPoint[];
  readonly heldOut: readonly HeldOutPoint[];
  readonly marks: readonly RoundMark[];
  readonly unigram: number | null;
}
