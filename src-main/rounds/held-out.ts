import { withLimit } from '../../src-node/waits.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { Standing, TrainContract } from '../../src-shared/contract/train.ts';
import { HELD_OUT_KEPT, HELD_OUT_WINDOWS, TRAIN_CALL_LIMIT_MS } from './limits.ts';

/** Loss in nats per token on text that nobody trains on, of the base that this round committed (-1: the first one). */
export interface HeldOutPoint {
  readonly round: number;
  readonly loss: number;
  readonly atMs: number;
}

/** What was measured of each base, oldest first, those of earlier starts included. */
export interface HeldOutLoss {
  readonly points: readonly HeldOutPoint[];
  of(round: number): number | null;
  /** Measures the base that `train` stands on. @returns null when it is known already or could not be measured */
  measure(standing: () => Standing): Promise<HeldOutPoint | null>;
}

export function heldOutLoss(
  train: ChildClient<TrainContract>,
  past: readonly HeldOutPoint[],
  nowMs: () => number,
  signal: AbortSignal,
): HeldOutLoss {
  let points = past.slice(-HELD_OUT_KEPT);
  const known = (round: number) => points.findLast((point) => point.round === round)?.loss ?? null;
  return {
    get points() {
      return points;
    },
    of: known,
    async measure(standing) {
      const { round, id } = standing();
      if (known(round) !== null) return null;
      const limit = withLimit(signal, TRAIN_CALL_LIMIT_MS);
      const measured = await train.call('evaluate', { windows: HELD_OUT_WINDOWS }, limit).catch(() => null);
      // The base moved on meanwhile: of which one the loss is, nobody can say.
      if (!measured || standing().id !== id) return null;
      const point = { round, loss: measured.loss, atMs: nowMs() };
      points = [...points, point].slice(-HELD_OUT_KEPT);
      return point;
    },
  };
}
