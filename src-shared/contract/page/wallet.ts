import type { AlphaRao, Rao, Ss58 } from '../../units.ts';

export interface WalletView {
  readonly coldkey: Ss58;
  readonly hotkey: Ss58;
  readonly uid: number | null;
  readonly freeRao: Rao | null;
  readonly stakeAlpha: AlphaRao | null;
  /** Spot value: stake times pool price. */
  readonly stakeValueRao: Rao | null;
  readonly alphaPriceRao: Rao | null;
  readonly immuneBlocks: number | null;
  readonly registered: number | null;
}

export interface EarningsView {
  readonly todayAlpha: AlphaRao;
  readonly todayRao: Rao | null;
  readonly lastEpoch: { readonly block: number; readonly alpha: AlphaRao } | null;
  readonly epochs: readonly { readonly block: number; readonly atMs: number; readonly alpha: AlphaRao }[];
  readonly nextEpochBlock: number | null;
}
