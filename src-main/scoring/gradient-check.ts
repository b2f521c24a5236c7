import { withLimit } from '../../src-node/waits.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { TrainContract } from '../../src-shared/contract/train.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import type { Ready } from '../../src-shared/rounds/messages.ts';
import { compareSketches } from '../../src-shared/scoring/gradient.ts';
import { type Why, why } from '../../src-shared/scoring/why.ts';
import type { WorkRecord } from '../../src-shared/spool.ts';
import type { Hex } from '../../src-shared/units.ts';
import { type Spent, timed } from './check-cost.ts';
import { claimedWork } from './claimed-work.ts';
import type { Measured } from './evidence.ts';
import { RECOMPUTE_LIMIT_MS } from './limits.ts';

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
  /** What a check has taken, as it takes it. */
  cost(spent: Spent): void;
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
  const work = await claimedWork(parts, ready, signal);
  parts.cost({ bytes: work.bytes });
  if (!work.record) return failed(work.why, work.detail);
  return compare(parts, work.record, { ready, blockHash }, signal);
}

async function compare(
  { train, consensus, random, cost }: CheckParts,
  record: WorkRecord,
  { ready, blockHash }: { readonly ready: Ready; readonly blockHash: Hex },
  signal: AbortSignal,
): Promise<GradientCheck> {
  const picked = pick(record.sketches.length, consensus.sketches.checkedMicroBatches, random);
  const { round, hotkey } = ready;
  const limit = withLimit(signal, RECOMPUTE_LIMIT_MS);
  const asked = { round, hotkey, blockHash, microBatches: picked };
  const { sketches } = await timed(cost, () => train.call('recompute', asked, limit));
  cost({ recomputed: 1 });
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
