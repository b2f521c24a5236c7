/** What an epoch's time hangs on; `lastEpochBlock` is null where the runtime keeps none (up to spec 393). */
export interface EpochClock {
  readonly netuid: number;
  readonly tempo: number;
  readonly lastEpochBlock: number | null;
}

/**
 * First block after `block` in which an epoch is due.
 * Older rule: (block + netuid + 1) mod (tempo + 1) = 0. Newer rule: block - LastEpochBlock >= Tempo.
 * @returns null for tempo 0: such a subnet has no epochs
 */
export function nextEpochBlock(block: number, { netuid, tempo, lastEpochBlock }: EpochClock): number | null {
  if (tempo === 0) return null;
  if (lastEpochBlock !== null) return Math.max(lastEpochBlock + tempo, block + 1);
  const period = tempo + 1;
  const next = block + 1;
  return next + ((period - ((next + netuid + 1) % period)) % period);
}
