/** What an epoch's time hangs on; `lastEpochBlock` is null where the runtime keeps none (up to spec 393). */
export interface EpochClock {
  readonly netuid: number;
  readonly tempo: number;
  readonly lastEpochBlock: number | null;
  /** A block that the owner called an epoch for; null or absent where none is called, or none can be. */
  readonly pendingEpochAt?: number | null;
  /** Of the epoch that the block asked from is in; null or absent where the runtime keeps none. */
  readonly epochIndex?: number | null;
  /** In the state of the block that is asked from. */
  readonly blocksSinceLastStep?: number;
}

/** A subnet that had no epoch for longer gets one, whatever its tempo says; only by the newer rule. */
const OVERDUE_BLOCKS = 50_400;

/**
 * First block after `block` in which an epoch is due. Older rule: (block + netuid + 1) mod (tempo + 1) = tempo, the last
 * block of each index. Newer rule: block - LastEpochBlock >= Tempo, or the block that the owner called for, or overdue;
 * where more than two subnets are due in one block the chain puts the others off to the next.
 * @returns null for tempo 0: such a subnet has no epochs
 */
export function nextEpochBlock(block: number, clock: EpochClock): number | null {
  const { netuid, tempo, lastEpochBlock, pendingEpochAt, blocksSinceLastStep } = clock;
  if (tempo === 0) return null;
  const next = block + 1;
  if (lastEpochBlock === null) {
    return next + (tempo - ((next + netuid + 1) % (tempo + 1)));
  }
  const never = Number.POSITIVE_INFINITY;
  const overdueAt = blocksSinceLastStep === undefined ? never : next + OVERDUE_BLOCKS - blocksSinceLastStep;
  return Math.max(next, Math.min(lastEpochBlock + tempo, pendingEpochAt ?? never, overdueAt));
}

/**
 * First block after `block` whose commits wait for another epoch than those of `block` itself. By the older rule the
 * index of epochs changes behind the block of an epoch, by the newer one with it.
 * @returns null for tempo 0
 */
export function nextIndexBlock(block: number, clock: EpochClock): number | null {
  if (clock.lastEpochBlock !== null) return nextEpochBlock(block, clock);
  const last = nextEpochBlock(block - 1, clock);
  return last === null ? null : last + 1;
}

/**
 * First block whose commits wait for the same epoch as those right before `next`, the end of that by `nextIndexBlock`.
 * By the newer rule epochs may end early or late: where this one began stands in the state alone.
 */
export const firstIndexBlock = (next: number, { tempo, lastEpochBlock }: EpochClock): number =>
  lastEpochBlock ?? next - (tempo + 1);
