import * as v from 'valibot';
import { isErrorCode } from '../../../src-shared/errors/app-error.ts';
import type { ErrorCode } from '../../../src-shared/errors/catalogue.ts';
import { SPAN_MINUTES_MAX } from '../../../src-shared/rules/pauses.ts';
import { CONTROL_VIEW_CHARS } from '../limits.ts';

/**
 * What a terminal may ask of the host that runs on its data folder: one JSON line there, one back. These five words
 * only; nothing that spends, and no secret in any answer.
 */
const minutes = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(SPAN_MINUTES_MAX));
/** SS58 with prefix 42. */
const run = v.nullable(v.pipe(v.string(), v.regex(/^[1-9A-HJ-NP-Za-km-z]{40,60}$/)));

export const questionSchema = v.variant('verb', [
  v.strictObject({ verb: v.literal('status') }),
  /** What helps to find a fault, for a support bundle, which takes out what is private. */
  v.strictObject({ verb: v.literal('view') }),
  v.strictObject({
    verb: v.literal('pause'),
    /** null: every run. */
    run,
    /** null: until resumed. */
    minutes: v.nullable(minutes),
  }),
  v.strictObject({
    verb: v.literal('resume'),
    run,
    /** For so long the house rules are set aside, for all runs; null: they hold. */
    anywayMinutes: v.optional(v.nullable(minutes), null),
  }),
  /** The connection closes when the host has ended. */
  v.strictObject({ verb: v.literal('stop') }),
]);
export type Question = v.InferOutput<typeof questionSchema>;

const text = v.pipe(v.string(), v.maxLength(256));
const runStatus = v.object({
  hotkey: text,
  network: text,
  profile: text,
  role: text,
  mark: v.nullable(text),
  state: text,
  /** Time of day at which a pause ends by itself; null: it does not, or there is none. */
  pausedUntilMs: v.nullable(v.number()),
  /** What it is paused for, in a word for programs and in a sentence for people; null: it is not. */
  pausedFor: v.optional(v.nullable(text), null),
  why: v.optional(v.nullable(v.pipe(v.string(), v.maxLength(512))), null),
  round: v.nullable(v.number()),
  /** Rounds committed and gone by, of those that this host remembers. */
  committed: v.number(),
  rounds: v.number(),
  loss: v.nullable(v.number()),
  heldOutLoss: v.nullable(v.number()),
  /** Alpha of today in its smallest unit, as digits: too large for a number. null: not known. */
  todayAlphaRao: v.nullable(v.pipe(v.string(), v.regex(/^\d{1,20}$/))),
});
const hostStatus = v.object({
  version: text,
  pid: v.number(),
  dataDir: v.string(),
  /** Until then a person has set the house rules aside. */
  rulesAsideUntilMs: v.optional(v.nullable(v.number()), null),
  runs: v.array(runStatus),
});

export type RunStatus = v.InferOutput<typeof runStatus>;
export type HostStatus = v.InferOutput<typeof hostStatus>;

export const answerSchema = v.variant('kind', [
  v.object({ kind: v.literal('status'), status: hostStatus }),
  v.object({ kind: v.literal('view'), text: v.pipe(v.string(), v.maxLength(CONTROL_VIEW_CHARS)) }),
  v.object({ kind: v.literal('done') }),
  v.object({
    kind: v.literal('refused'),
    error: v.object({
      code: v.custom<ErrorCode>(isErrorCode),
      params: v.record(v.string(), v.union([v.string(), v.number()])),
    }),
  }),
]);
export type Answer = v.InferOutput<typeof answerSchema>;
