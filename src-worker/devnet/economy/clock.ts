/** The epoch clock of runtimes up to 393: each subnet in its own phase, every tempo + 1 blocks. */
export const isEpochBlock = (block: number, netuid: number, tempo: number): boolean =>
  tempo > 0 && (block + netuid + 1) % (tempo + 1) === 0;

/** Number of the epoch a block lies in: what the commitment allowance is counted by. */
export const epochIndex = (block: number, netuid: number, tempo: number): number =>
  Math.floor((block + netuid + 1) / (tempo + 1));
