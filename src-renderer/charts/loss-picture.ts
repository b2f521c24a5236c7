import type { SeriesPoint, TrainingView } from '../../src-shared/contract/page.ts';
import type { RoundMark } from './round-times.ts';

/** What the loss chart draws. */
export interface LossPicture {
  readonly series: readonly SeriesPoint[];
  readonly heldOut: TrainingView['heldOut'];
  readonly marks: readonly RoundMark[];
  readonly unigram: number | null;
}
