import * as v from 'valibot';

/**
 * What a run went through, as it is told to other programs: rows in the order in which they came. `seq` grows with
 * each of them and is never given twice; it may have gaps. Times are ms since 1970, UTC; null is not known.
 */
const finite = v.pipe(v.number(), v.finite());
const number = v.nullable(finite);
const whole = v.pipe(v.number(), v.safeInteger());
const count = v.pipe(whole, v.minValue(0));
const numbered = { seq: count, atMs: whole };
const text = v.pipe(v.string(), v.maxLength(256));

export const runLogRowSchema = v.variant('kind', [
  v.object({
    ...{ kind: v.literal('step'), ...numbered, round: v.nullable(whole) },
    /** Inner steps since this hotkey began. */
    step: count,
    /** Within the round; null: of before this was kept. */
    innerStep: v.nullable(count),
    ...{ loss: number, lr: number, gradNorm: number },
    /** Tokens and time of this step and of those since the last row. */
    ...{ tokens: count, stepMs: finite },
  }),
  v.object({
    ...{ kind: v.literal('round'), ...numbered, round: whole, outcome: text, members: count },
    contributed: v.boolean(),
    ...{ bytesSent: count, bytesReceived: count, durationMs: number },
  }),
  /** The base that a round ended with, on text that nobody trains on; round -1 is the base that all began with. */
  v.object({ kind: v.literal('held-out'), ...numbered, round: whole, loss: finite }),
  v.object({
    ...{ kind: v.literal('score'), ...numbered, round: whole, validator: text, hotkey: text },
    /** null: of before this was kept. */
    uid: v.nullable(count),
    ...{ total: number, average: number, weight: number },
  }),
  /** Where the hotkey stood on its chain after a round: shares of the last epoch 0..1, alpha for charts. */
  v.object({
    ...{ kind: v.literal('standing'), ...numbered, round: whole, block: count },
    ...{ stakeAlpha: finite, incentive: finite, dividends: finite, emissionAlpha: finite },
    /** null: of before this was kept, or of a chain that keeps no such figure. */
    ...{ consensus: number, trust: number },
  }),
  /** What the sensors of a card said, at most once a minute while the run trains; shares are 0..1. */
  v.object({
    ...{ kind: v.literal('card'), ...numbered, step: count, card: count },
    ...{ busy: number, celsius: number, watts: number, usedBytes: number, memoryBytes: number },
  }),
]);

export type RunLogRow = v.InferOutput<typeof runLogRowSchema>;
export type RunLogKind = RunLogRow['kind'];
export const runLogKinds = [
  ...(['step', 'round', 'held-out', 'score', 'standing', 'card'] as const),
] satisfies readonly RunLogKind[];

/** Before the first row. */
export const BEFORE_ALL = -1;

/** Rows that are told at once. */
export const LOG_ROWS_AT_ONCE = 2_000;
