import type { AlphaRao, Ss58 } from '../../units.ts';

/** Whom stake can go to on one subnet of a network, whether a run of this computer works there or not. */
export interface ValidatorsView {
  readonly netuid: number;
  /** By its own word on chain; null where it has none. */
  readonly subnetName: string | null;
  readonly block: number;
  /** Those with the most stake first; besides the account's own stakes at most `VALIDATORS_SHOWN`. */
  readonly rows: readonly ValidatorRow[];
}

export const VALIDATORS_SHOWN = 256;

export interface ValidatorRow {
  readonly hotkey: Ss58;
  /** null: it has no place there. */
  readonly uid: number | null;
  /** False: it is told of because stake of the account lies on it, which earns nothing there. */
  readonly isValidator: boolean;
  /** All stake on it there, whosever it is. */
  readonly stakeAlpha: AlphaRao;
  /** What it keeps for itself of what the others' stake earns, 0..1; null where the runtime does not say. */
  readonly take: number | null;
  readonly week: WeekReturn;
}

/**
 * What one alpha on a validator grew by in the last seven days, its take left out; what the price did is not in it. Of
 * a chain or a stake that is younger, and of epochs that this computer did not see, there is only the span that is
 * known.
 */
export type WeekReturn =
  | { readonly kind: 'known'; readonly growth: number; readonly spanMs: number }
  | { readonly kind: 'unknown'; readonly why: 'root' | 'not-kept' };
