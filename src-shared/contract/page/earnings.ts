import type { Hex, Rao, Ss58 } from '../../units.ts';

/** What a row of the ledger is about; after pay come the owner's own operations. */
export type LedgerKind =
  | 'incentive'
  | 'dividend'
  /** All that a stake changed by while nobody looked: pay and own operations cannot be told apart. */
  | 'unseen'
  | 'claimed'
  | 'stake'
  | 'unstake'
  /** To or from another hotkey of the same holder, and another holder: nothing was bought or sold. */
  | 'moved'
  | 'handed'
  /** Earned by a miner of the subnet's owner, and kept by the chain: the amount stands as its fee. */
  | 'withheld'
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
  /** The transaction that did it; null where the chain did, or it is not known. */
  readonly txHash: Hex | null;
  /** Rows of its UTC day that it is the sum of; 1: as it was booked. */
  readonly rows: number;
}

/** What changed a coldkey's free TAO, whichever of its hotkeys was looked at meanwhile. */
export type AccountKind =
  | 'transfer-in'
  | 'transfer-out'
  /** TAO for alpha of any subnet and hotkey, and back. */
  | 'stake'
  | 'unstake'
  /** What came back for the alpha of a subnet that ended. */
  | 'dissolved'
  | 'registration'
  | 'network-fee'
  /** No event says why. */
  | 'tao-other';

export interface AccountEntry {
  readonly atMs: number;
  readonly block: number;
  readonly kind: AccountKind;
  /** Signed: below zero where there is less of it. */
  readonly taoRao: bigint;
  /** Signed, where alpha went the other way; null where none did. */
  readonly alpha: bigint | null;
  readonly netuid: number | null;
  readonly hotkey: Ss58 | null;
  /** Where TAO went to, or came from. */
  readonly other: Ss58 | null;
  readonly txHash: Hex | null;
}

/** A part of all that is booked of a coldkey on one chain: of its TAO, or of one of its hotkeys. Oldest first. */
export interface LedgerPart {
  readonly coldkey: Ss58 | null;
  readonly account: readonly AccountEntry[];
  readonly stake: {
    readonly hotkey: Ss58;
    readonly netuid: number;
    readonly entries: readonly LedgerEntry[];
  } | null;
  /** Names the part after it; null: this is the last one. */
  readonly next: string | null;
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
