import type { Ss58 } from '../../units.ts';
import type { Coded } from './runs.ts';

/** Why no weights are set now. */
export const weightsHeldCodes = [
  /** Fewer than `needed` miners were checked in the last `blocks` blocks: `checked`. */
  'thin-evidence',
  /** Everybody's average is zero, or none is known. */
  'nothing-earned',
  /** The chain takes no fewer than `needed` uids: `uids` have earned something. */
  'below-minimum',
  /** Not registered, or without a permit. */
  'not-registered',
  'no-permit',
  /** The chain's own limit: `block` is the first that takes them. */
  'too-soon',
] as const;
export type WeightsHeld = Coded<(typeof weightsHeldCodes)[number]>;

export interface WeightsRow {
  readonly uid: number;
  readonly hotkey: Ss58;
  /** As the chain takes it, 0 to 65535. */
  readonly weight: number;
  /** Share of all, 0..1. */
  readonly share: number;
  /** Its share of the last that were set, 0..1; null: none is known. */
  readonly before: number | null;
}

/** What would be set at this moment, and what became of the last: signs and sends nothing. */
export interface WeightsPlan {
  /** The block whose metagraph it was made from. */
  readonly block: number;
  readonly held: WeightsHeld | null;
  /** By weight, the highest first; those that would lose all of it are there with 0. */
  readonly rows: readonly WeightsRow[];
  readonly versionKey: number;
  readonly isHidden: boolean;
  /** Block of the last that the chain took; 0: none since the hotkey was registered. */
  readonly lastUpdate: number;
  /** From this block on the chain counts this validator as inactive unless it sets weights before. */
  readonly inactiveFrom: number;
}
