/**
 * The epoch clock of runtimes up to 393: each subnet in its own phase, every tempo + 1 blocks. An epoch comes with the
 * last block of its index. Formula: `blocks_until_next_epoch` of Subtensor, tempo - (block + netuid + 1) mod (tempo + 1).
 */
export const isEpochBlock = (block: number, netuid: number, tempo: number): boolean =>
  tempo > 0 && phaseOf(block, netuid, tempo) === tempo;

/** Blocks since the index of the epoch has changed. */
export const phaseOf = (block: number, netuid: number, tempo: number): number =>
  (block + netuid + 1) % (tempo + 1);

/** Number of the epoch a block lies in: what commits wait by, and what the commitment allowance is counted by. */
export const epochIndex = (block: number, netuid: number, tempo: number): number =>
  Math.floor((block + netuid + 1) / (tempo + 1));

/** How long after a block ago somebody counts as active, by thousandths of the tempo. */
export const cutoffBlocks = (factorMilli: number, tempo: number): number =>
  Math.max(1, Math.floor((factorMilli * tempo) / 1_000));

const LEAST_CUTOFF_MILLI = 1_000;
const MOST_CUTOFF_MILLI = 50_000;

/** Thousandths of the tempo that come to so many blocks, rounded up, within what the chain allows. */
export const cutoffFactor = (blocks: number, tempo: number): number =>
  Math.min(MOST_CUTOFF_MILLI, Math.max(LEAST_CUTOFF_MILLI, Math.ceil((blocks * 1_000) / tempo)));
