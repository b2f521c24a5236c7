import * as v from 'valibot';
import { sha256Hex } from '../../src-node/sha256.ts';
import { withLimit } from '../../src-node/waits.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { TrainContract } from '../../src-shared/contract/train.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import type { Ready } from '../../src-shared/rounds/messages.ts';
import { compareSketches } from '../../src-shared/scoring/gradient.ts';
import { impossibleWork } from '../../src-shared/scoring/steps.ts';
import { type Why, type WorkFault, why } from '../../src-shared/scoring/why.ts';
import { type WorkRecord, workRecordSchema } from '../../src-shared/spool.ts';
import type { Hex } from '../../src-shared/units.ts';
import type { Measured } from './evidence.ts';
import { FETCH_WORK_LIMIT_MS, RECOMPUTE_LIMIT_MS } from './limits.ts';
import { isOwnFault } from './own-fault.ts';

export interface GradientCheck {
  readonly gradient: Measured;
  /** Distinct sequences that the work record supports; 0 without a valid one. */
  readonly sequences: number;
}

export interface CheckParts {
  readonly swarm: ChildClient<SwarmContract>;
  readonly train: ChildClient<TrainContract>;
  readonly consensus: Consensus;
  /** A whole number from 0 up to, not including, the argument. */
  random(below: number): number;
}

/**
 * Recomputes some micro-batches of a miner's first step. Which ones is drawn only once the record is here, so nobody
 * can prepare just those. Must run while `train` still stands on the base of the round.
 * @throws when our own processes could not check: nothing was learned of the miner
 */
export async function checkGradient(
  parts: CheckParts,
  ready: Ready,
  blockHash: Hex,
  signal: AbortSignal,
): Promise<GradientCheck> {
  const bytes = await fetchRecord(parts, ready, signal);
  if (!bytes) return failed(why('work-not-handed-over'));
  const digest = sha256Hex(bytes);
  if (digest !== ready.workDigest) return failed(why('work-not-announced'), { digest });
  const record = parseRecord(bytes);
  if (!record) return failed(why('work-unreadable'));
  const reason = contradiction(record, ready, parts.consensus);
  if (reason) return failed(why('work-impossible', { reason }));
  return compare(parts, record, { ready, blockHash }, signal);
}

async function compare(
  { train, consensus, random }: CheckParts,
  record: WorkRecord,
  { ready, blockHash }: { readonly ready: Ready; readonly blockHash: Hex },
  signal: AbortSignal,
): Promise<GradientCheck> {
  const picked = pick(record.sketches.length, consensus.sketches.checkedMicroBatches, random);
  const { round, hotkey } = ready;
  const limit = withLimit(signal, RECOMPUTE_LIMIT_MS);
  const { sketches } = await train.call(
    'recompute',
    { round, hotkey, blockHash, microBatches: picked },
    limit,
  );
  const { score, sums, projections, refused } = compareSketches(
    picked.map((index) => record.sketches[index] ?? []),
    sketches,
    { threshold: consensus.scoreModel.gradientThreshold },
  );
  const detail = { microBatches: picked, sums, projections };
  if (refused) return failed(why('sketches-incomparable', { reason: refused }), detail);
  const params = {
    count: picked.length,
    agreement: Number(Math.min(sums, projections).toFixed(3)),
    threshold: consensus.scoreModel.gradientThreshold,
  };
  const reason = why(score > 0 ? 'recomputed-agree' : 'recomputed-disagree', params);
  return { gradient: { value: score, why: reason, detail }, sequences: record.sequences };
}

async function fetchRecord(
  { swarm }: CheckParts,
  { hotkey, round }: Ready,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const limit = withLimit(signal, FETCH_WORK_LIMIT_MS);
  const answer = await swarm.call('fetchWork', { hotkey, round }, limit).catch((error: unknown) => {
    if (isOwnFault(error)) throw error;
    return null;
  });
  // Stopping is our doing: the miner must not be blamed for it.
  signal.throwIfAborted();
  return answer?.bytes ?? null;
}

function parseRecord(bytes: Uint8Array): WorkRecord | null {
  try {
    const parsed = v.safeParse(workRecordSchema, JSON.parse(new TextDecoder().decode(bytes)));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

function contradiction(record: WorkRecord, ready: Ready, consensus: Consensus): WorkFault | null {
  if (record.round !== ready.round) return 'other-round';
  if (record.hotkey !== ready.hotkey) return 'other-hotkey';
  if (record.sequences !== ready.sequences) return 'other-sequences';
  return impossibleWork(record, consensus);
}

/** Distinct indexes, every choice as likely as any other; all of them when there are no more. */
export function pick(from: number, count: number, random: (below: number) => number): number[] {
  const pool = Array.from({ length: from }, (_, index) => index);
  const size = Math.min(from, count);
  for (let i = 0; i < size; i++) {
    const j = i + random(from - i);
    [pool[i], pool[j]] = [pool[j]!, pool[i]!];
  }
  return pool.slice(0, size).sort((a, b) => a - b);
}

const failed = (reason: Why, detail?: unknown): GradientCheck => ({
  gradient: { value: 0, why: reason, detail },
  sequences: 0,
});
