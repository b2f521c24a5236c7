import * as v from 'valibot';
import {
  type RoundReason,
  type RoundSummary,
  roundReasonCodes,
} from '../../src-shared/contract/page/runs.ts';
import {
  type Edge,
  edgeSchema,
  type GroupMember,
  groupMemberSchema,
} from '../../src-shared/contract/swarm.ts';
import type { HeldOutPoint } from '../rounds/held-out.ts';
import type { RoundsPast } from '../rounds/history.ts';
import { HELD_OUT_KEPT } from '../rounds/limits.ts';
import type { RoundRow } from '../store/rows.ts';

/** Rows read at a start: as many as the curve of held-out loss holds. */
export const ROUNDS_SHOWN = HELD_OUT_KEPT;

/** The round of the initial weights: kept for its held-out loss, and no round of the history. */
export const FIRST_BASE_ROUND = -1;

/** A run's rounds as its store has them, for the page of the next start. @param rows newest first */
export function pastOf(rows: readonly RoundRow[]): RoundsPast {
  const oldestFirst = rows.toReversed();
  return {
    rounds: oldestFirst.filter(({ round }) => round !== FIRST_BASE_ROUND).map(summaryOf),
    heldOut: oldestFirst.flatMap(pointOf),
  };
}

function summaryOf(row: RoundRow): RoundSummary {
  return { ...bareSummaryOf(row), edges: edgesOf(row) };
}

/** A round without its picture. */
export function bareSummaryOf(row: RoundRow): Omit<RoundSummary, 'edges'> {
  const { round, outcome, members, contributed, durationMs, heldOutLoss, endedMs: endedAtMs } = row;
  const bytes = row.bytesSent + row.bytesReceived;
  const [group, reason] = [groupOf(row), reasonOf(row)];
  return { round, endedAtMs, outcome, members, contributed, bytes, durationMs, heldOutLoss, group, reason };
}

function pointOf({ round, heldOutLoss, endedMs, startedMs }: RoundRow): readonly HeldOutPoint[] {
  return heldOutLoss === null ? [] : [{ round, loss: heldOutLoss, atMs: endedMs ?? startedMs }];
}

const edgesSchema = v.pipe(v.array(edgeSchema), v.maxLength(128));

/** The still of an old round is dispensable: one that cannot be read is drawn as none. */
const edgesOf = ({ edgesJson }: RoundRow): readonly Edge[] => listOf(edgesSchema, edgesJson);

const groupSchema = v.pipe(v.array(groupMemberSchema), v.maxLength(64));

const groupOf = ({ groupJson }: RoundRow): readonly GroupMember[] => listOf(groupSchema, groupJson ?? '[]');

function listOf<T>(schema: v.GenericSchema<unknown, T[]>, json: string): readonly T[] {
  try {
    const parsed = v.safeParse(schema, JSON.parse(json));
    return parsed.success ? parsed.output : [];
  } catch {
    return [];
  }
}

const reasonSchema = v.object({
  code: v.picklist(roundReasonCodes),
  params: v.record(v.string(), v.union([v.string(), v.number()])),
});

/** A reason of another version is not known. */
function reasonOf({ reason }: RoundRow): RoundReason | null {
  try {
    return reason === null ? null : v.parse(reasonSchema, JSON.parse(reason));
  } catch {
    return null;
  }
}
