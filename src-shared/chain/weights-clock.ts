/** When a validator's weights may be sent, when they are read and when they count. All are numbers of blocks. */
export type WeightsClock = {
  /** The block in whose state this holds. */
  readonly block: number;
  /** Block of the last weights that the chain took; null: none since the hotkey was registered. */
  readonly lastUpdate: number | null;
  /** The first block that takes new ones, by the chain's limit. */
  readonly mayFrom: number;
  /** The chain pays by the weights that it has then; null for a subnet without epochs. */
  readonly nextEpochBlock: number | null;
} & (
  | { readonly how: 'open' }
  | {
      readonly how: 'timelocked' | 'hashed';
      /** What is committed before the next epoch can be read from this block on. */
      readonly revealBlock: number;
      /** Committed and not read yet, the newest first. */
      readonly pending: readonly PendingWeights[];
    }
);

export interface PendingWeights {
  readonly block: number;
  /** From here on it can be read, and counts. */
  readonly opensBlock: number;
}

/** @param rateLimit blocks that the chain wants between two updates, not counting either */
export const firstAllowed = (lastUpdate: number, rateLimit: number): number => lastUpdate + rateLimit + 1;

/**
 * When commits under a time lock open: those of this epoch at its reveal block, those of each epoch before it one epoch
 * earlier.
 * @param epochBlocks blocks of an epoch
 */
export function pendingOpenings(
  commits: readonly number[],
  at: { readonly epochBlock: number; readonly revealBlock: number; readonly epochBlocks: number },
): readonly PendingWeights[] {
  const { epochBlock, revealBlock, epochBlocks } = at;
  return commits.map((block) => {
    const before = Math.max(0, Math.ceil((epochBlock - block) / epochBlocks));
    return { block, opensBlock: revealBlock - before * epochBlocks };
  });
}
