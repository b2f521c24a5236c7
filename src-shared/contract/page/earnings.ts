import type { Rao, Ss58 } from '../../units.ts';

/** What a row of the ledger is about; after pay come the owner's own operations. */
export type LedgerKind =
  | 'incentive'
  | 'dividend'
  /** All that a stake changed by while nobody looked: pay and own operations cannot be told apart. */
  | 'unseen'
  | 'claimed'
  | 'stake'
  | 'unstake'
  | 'recycled'
  | 'burned'
  | 'auto-out'
  | 'auto-in'
  | 'swapped'
  | 'fee'
  | 'dissolved'
  | 'other';

export interface LedgerEntry {
  readonly atMs: number;
  /** Where a stretch that nobody looked at began; null but for 'unseen'. */
  readonly fromMs: number | null;
  readonly block: number;
  readonly kind: LedgerKind;
  /** Signed: what it added to the stake. */
  readonly alpha: bigint;
  /** Rao for one alpha at that block; null where no price was to be had. */
  readonly priceRao: Rao | null;
  /** What the alpha was worth at it, or the TAO that an order really moved. */
  readonly taoRao: bigint | null;
  readonly feeRao: bigint | null;
  /** Rows of its UTC day that it is the sum of; 1: as it was booked. */
  readonly rows: number;
}

/** What is booked of one hotkey on the chain of its run. */
export interface EarningsHistory {
  readonly hotkey: Ss58;
  readonly coldkey: Ss58 | null;
  readonly netuid: number;
  /** When its stake was first looked at; null: nothing is booked yet. */
  readonly sinceMs: number | null;
  /** Oldest first. */
  readonly entries: readonly LedgerEntry[];
  /** Whether older ones than these were left out. */
  readonly isCut: boolean;
}
