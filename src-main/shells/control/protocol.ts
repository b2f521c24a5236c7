import * as v from 'valibot';
import { digest } from '../../../src-shared/contract/fields.ts';
import { weightsHeldCodes } from '../../../src-shared/contract/page/weights-plan.ts';
import { reachabilitySchema } from '../../../src-shared/contract/reachability.ts';
import { isErrorCode } from '../../../src-shared/errors/app-error.ts';
import type { ErrorCode } from '../../../src-shared/errors/catalogue.ts';
import { profileParts } from '../../../src-shared/profile/profile-parts.ts';
import { SPAN_MINUTES_MAX } from '../../../src-shared/rules/pauses.ts';
import { DISPUTE_CHARS_MAX } from '../../../src-shared/scoring/dispute.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { CONTROL_PEERS_MAX, CONTROL_VIEW_CHARS } from '../limits.ts';

/**
 * What a terminal may ask of the host that runs on its data folder: one JSON line there, one back. These ten words
 * only; nothing that spends, and no secret in any answer.
 */
const minutes = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(SPAN_MINUTES_MAX));
/** SS58 with prefix 42. */
const run = v.nullable(v.pipe(v.string(), v.regex(/^[1-9A-HJ-NP-Za-km-z]{40,60}$/)));

export const questionSchema = v.variant('verb', [
  v.strictObject({ verb: v.literal('status') }),
  /** null: the peers of every run. */
  v.strictObject({ verb: v.literal('peers'), run }),
  /** What validators would set now; null: of every run. */
  v.strictObject({ verb: v.literal('weights'), run }),
  /** The file of this user is read by the host, which has the run and its rows. */
  v.strictObject({
    verb: v.literal('check-dispute'),
    path: v.pipe(v.string(), v.minLength(1), v.maxLength(900)),
  }),
  v.strictObject({ verb: v.literal('write-dispute'), run }),
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
  /** Ends a run and begins the one that takes over from it, which a person looked at by its hash. */
  v.strictObject({ verb: v.literal('follow'), run: v.nonNullable(run), hash: digest }),
  /** The connection closes when the host has ended. */
  v.strictObject({ verb: v.literal('stop') }),
]);
export type Question = v.InferOutput<typeof questionSchema>;

const text = v.pipe(v.string(), v.maxLength(256));
/** Its words are a stranger's. */
const successor = v.object({
  name: v.pipe(v.string(), v.maxLength(512)),
  hash: digest,
  afterRound: v.number(),
  /** What it does otherwise. */
  changes: v.pipe(v.array(v.picklist(profileParts)), v.maxLength(profileParts.length)),
});
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
  /** The run that its owner announces to take over from it; null: none that is known. */
  /** Whether others reach it; null: none from outside can, or it is not known yet. */
  reachability: v.optional(v.nullable(reachabilitySchema), null),
  successor: v.optional(v.nullable(successor), null),
});
const hostStatus = v.object({
  version: text,
  pid: v.number(),
  dataDir: v.string(),
  /** Until then a person has set the house rules aside. */
  rulesAsideUntilMs: v.optional(v.nullable(v.number()), null),
  runs: v.array(runStatus),
});

const rate = v.nullable(v.number());
const peerStatus = v.object({
  hotkey: text,
  uid: v.nullable(v.number()),
  role: text,
  state: text,
  rttMs: v.nullable(v.number()),
  way: v.nullable(text),
  /** By both-signed receipts of the last rounds, in bytes per second; null: not measured. */
  upBytesPerS: rate,
  downBytesPerS: rate,
  /** What rosters count on in its slower direction. */
  believedBytesPerS: rate,
  codec: v.nullable(text),
  lastFault: v.nullable(
    v.object({ code: text, sentence: text, round: v.nullable(v.number()), atMs: v.nullable(v.number()) }),
  ),
});
const runPeers = v.object({
  hotkey: text,
  network: text,
  connected: v.number(),
  /** All that are known, of whom the first are listed. */
  known: v.number(),
  peers: v.pipe(v.array(peerStatus), v.maxLength(CONTROL_PEERS_MAX)),
});

const hotkeyText = v.pipe(
  v.string(),
  v.maxLength(64),
  v.transform((value) => value as Ss58),
);
const held = v.nullable(
  v.object({
    code: v.picklist(weightsHeldCodes),
    params: v.record(v.string(), v.union([v.string(), v.number()])),
  }),
);
const weightsPlan = v.object({
  block: v.number(),
  held,
  rows: v.pipe(
    v.array(
      v.object({
        uid: v.number(),
        hotkey: hotkeyText,
        weight: v.number(),
        share: v.number(),
        before: v.nullable(v.number()),
      }),
    ),
    v.maxLength(CONTROL_PEERS_MAX),
    v.readonly(),
  ),
  versionKey: v.number(),
  isHidden: v.boolean(),
  lastUpdate: v.number(),
  inactiveFrom: v.number(),
});
const runWeights = v.object({ hotkey: text, network: text, plan: weightsPlan });
const disputeChecked = v.object({
  hotkey: hotkeyText,
  writtenAtMs: v.number(),
  receipts: v.number(),
  findings: v.pipe(
    v.array(
      v.object({
        validator: hotkeyText,
        round: v.number(),
        sum: v.picklist(['right', 'wrong', 'unknown']),
        receipts: v.picklist(['agree', 'differ', 'unknown']),
        kept: v.picklist(['same', 'differs', 'not-kept']),
      }),
    ),
    v.maxLength(64),
    v.readonly(),
  ),
});

export type RunWeights = v.InferOutput<typeof runWeights>;
export type PeerStatus = v.InferOutput<typeof peerStatus>;
export type RunPeers = v.InferOutput<typeof runPeers>;
export type RunStatus = v.InferOutput<typeof runStatus>;
export type HostStatus = v.InferOutput<typeof hostStatus>;

export const answerSchema = v.variant('kind', [
  v.object({ kind: v.literal('status'), status: hostStatus }),
  v.object({ kind: v.literal('view'), text: v.pipe(v.string(), v.maxLength(CONTROL_VIEW_CHARS)) }),
  v.object({ kind: v.literal('peers'), runs: v.array(runPeers) }),
  v.object({ kind: v.literal('weights'), runs: v.pipe(v.array(runWeights), v.readonly()) }),
  v.object({ kind: v.literal('disputeChecked'), checked: disputeChecked }),
  v.object({
    kind: v.literal('dispute'),
    name: text,
    text: v.pipe(v.string(), v.maxLength(DISPUTE_CHARS_MAX + 2)),
  }),
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
