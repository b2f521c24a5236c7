import type { DevnetInit } from '../../../src-shared/contract/devnet.ts';

/** Where a block's time of day comes from. */
export interface Clocks {
  /** Unix ms; may be set forward or back at any moment. */
  wallMs(): number;
  /** Ms that only ever rise. */
  monotonicMs(): number;
}

export const machineClocks: Clocks = { wallMs: () => Date.now(), monotonicMs: () => performance.now() };

/** Block times of a chain that is sealed by hand: by number, so that two runs agree. */
export const MANUAL_BLOCK_MS = 1_000;

/**
 * The time that a block states. It follows the wall clock, but never back: while that one lies behind, chain time goes
 * on at half the pace of real time, so that what peers measure by it keeps moving and the two meet again.
 * @param elapsedMs real time since the block before
 */
export function nextTimeMs(lastMs: number, elapsedMs: number, wallMs: number): number {
  return Math.max(wallMs, lastMs + Math.max(1, Math.floor(elapsedMs / 2)));
}

/** How fast blocks follow each other, and the time that each of them states. */
export class Pace {
  readonly #init: Pick<DevnetInit, 'blockMs' | 'genesisTimeMs'>;
  readonly #clocks: Clocks;
  #blockMs: number | null;
  #sealedAtMs: number;
  /** How often blocks were taken back: another branch has other times, and so other hashes. */
  #branch = 0;

  constructor(init: Pick<DevnetInit, 'blockMs' | 'genesisTimeMs'>, clocks: Clocks) {
    this.#init = init;
    this.#clocks = clocks;
    this.#blockMs = init.blockMs;
    this.#sealedAtMs = clocks.monotonicMs();
  }

  /** Time between blocks; null where they are sealed on request only. */
  get blockMs(): number | null {
    return this.#blockMs;
  }

  /** Only for a chain that seals by time: one that is sealed by hand has no other pace. */
  set(blockMs: number | null): void {
    if (this.#init.blockMs !== null && blockMs !== null) this.#blockMs = blockMs;
  }

  sealed(): void {
    this.#sealedAtMs = this.#clocks.monotonicMs();
  }

  branched(): void {
    this.#branch++;
  }

  /** @param lastMs time of the block before this one */
  timeOf(number: number, lastMs: number): number {
    if (this.#blockMs === null) return this.#init.genesisTimeMs + number * MANUAL_BLOCK_MS + this.#branch;
    return nextTimeMs(lastMs, this.#clocks.monotonicMs() - this.#sealedAtMs, this.#clocks.wallMs());
  }
}
