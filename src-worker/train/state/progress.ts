import * as v from 'valibot';
import { count, digest } from '../../../src-shared/contract/fields.ts';
import { workRecordSchema } from '../../../src-shared/spool.ts';

/** Where training stands beside the weights; kept in every snapshot, so that both come back together. */
export const progressSchema = v.object({
  /** Inner steps and tokens since this hotkey began in this run. */
  step: count,
  tokens: count,
  /** Inner steps since the moments were last zeroed: the rate ramps up over the first of them. */
  sinceReset: count,
  round: v.nullable(
    v.object({
      round: count,
      blockHash: digest,
      /** Inner steps since the round opened, those after its contribution included. */
      innerSteps: count,
      /** Steps of the round on text that nobody assigned: they are in the delta, and claimed nowhere. */
      unassignedSteps: v.optional(count, 0),
      /** The work record is closed: what is trained from here on belongs to the next delta. */
      isClosed: v.boolean(),
      /** The next sequence: which page of the assignment, which sequence in it. */
      cursor: v.object({ page: count, sequence: count }),
      pages: workRecordSchema.entries.pages,
      steps: count,
      sequences: count,
      sketches: workRecordSchema.entries.sketches,
    }),
  ),
});

export type Progress = v.InferOutput<typeof progressSchema>;
export type RoundProgress = NonNullable<Progress['round']>;
export type Cursor = RoundProgress['cursor'];

export const noProgress: Progress = { step: 0, tokens: 0, sinceReset: 0, round: null };

export const openedRound = (round: number, blockHash: RoundProgress['blockHash']): RoundProgress => ({
  round,
  blockHash,
  innerSteps: 0,
  unassignedSteps: 0,
  isClosed: false,
  cursor: { page: 0, sequence: 0 },
  pages: [],
  steps: 0,
  sequences: 0,
  sketches: [],
});
