import type { AlphaRao, Rao, Ss58 } from '../../src-shared/units.ts';

/** What the chain paid one hotkey in one epoch. */
export interface EpochRow {
  readonly hotkey: Ss58;
  readonly block: number;
  readonly atMs: number;
  readonly uid: number;
  readonly alpha: AlphaRao;
  /** Rao for one alpha at that block, and the row's worth at it; null where no price was to be had. */
  readonly priceRao: Rao | null;
  readonly valueRao: Rao | null;
}

/** Stake as the chain had it at the end of a block. */
export interface SnapshotRow {
  readonly hotkey: Ss58;
  readonly coldkey: Ss58;
  readonly block: number;
  readonly atMs: number;
  readonly stakeAlpha: AlphaRao;
  /** Change since the snapshot before, less what was booked between them; null for the first one. */
  readonly residualAlpha: AlphaRao | null;
}

/** Where earnings are kept. Writing a row again under the same hotkey and block changes nothing. */
export interface EarningsLedger {
  bookEpoch(row: EpochRow): Promise<void>;
  snapshot(row: SnapshotRow): Promise<void>;
  /** Newest first. */
  lastEpochs(hotkey: Ss58, limit: number): Promise<readonly EpochRow[]>;
  /** Oldest first, from that moment on. */
  epochsSince(hotkey: Ss58, sinceMs: number): Promise<readonly EpochRow[]>;
  lastSnapshot(hotkey: Ss58): Promise<SnapshotRow | null>;
  /** Newest block whose events were looked at; null before the first. */
  scannedBlock(hotkey: Ss58): Promise<number | null>;
  setScannedBlock(hotkey: Ss58, block: number): Promise<void>;
}
