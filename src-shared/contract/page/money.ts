import type { SubnetIdentity } from '../../chain/subnet-identity.ts';
import type { CodedError } from '../../errors/app-error.ts';
import type { AlphaRao, Hex, Rao, Ss58 } from '../../units.ts';

/** A chain network as the money screens name it. */
export interface MoneyNetwork {
  readonly name: string;
  /** Shown wherever amounts are; null where the coins are the real thing. */
  readonly mark: string | null;
  readonly genesis: Hex;
  /** Whether its coins are money: then passwords are typed in the app's window or on a terminal alone. */
  readonly isReal: boolean;
}

/** One coldkey on one network. */
export interface AccountId {
  /** As the host's networks are named. */
  readonly network: string;
  readonly coldkey: Ss58;
}

/**
 * How a coldkey signs here: after its password; at once, where it lies open (practice); or not at all, because only
 * its address is on this computer.
 */
export type ColdkeyOpens = 'password' | 'plain' | 'elsewhere';

/** A wallet of this computer: a folder in the layout of the field's tools, or the keys of a practice. */
export interface WalletSummary {
  readonly name: string;
  readonly folder: string;
  /** null: no file says the coldkey's address; such a rig works with its hotkeys alone. */
  readonly coldkey: Ss58 | null;
  readonly opens: ColdkeyOpens;
  /** When its backup was shown and asked for again; null: never, and its address is not given out for deposits. */
  readonly backedUpAtMs: number | null;
  readonly hotkeys: readonly {
    readonly name: string;
    readonly address: Ss58 | null;
    readonly fault: CodedError | null;
  }[];
  /** What is wrong with a file of its coldkey. */
  readonly fault: CodedError | null;
  /** The network that it was made for, and the only one it is offered on; null: any. */
  readonly network: string | null;
}

/** What an account holds, all of it in the state of one block. */
export interface AccountView {
  readonly id: AccountId;
  readonly network: MoneyNetwork;
  readonly walletName: string | null;
  readonly opens: ColdkeyOpens;
  /** null before the first reading. */
  readonly holds: Holdings | null;
  /** Why the newest reading failed; what `holds` says is older then. */
  readonly problem: CodedError | null;
  /** Newest first. */
  readonly transactions: readonly TransactionView[];
}

export interface Holdings {
  readonly block: number;
  readonly atMs: number;
  readonly freeRao: Rao;
  /** Set aside by the chain (deposits); null where the runtime does not say. */
  readonly reservedRao: Rao | null;
  /** What "all" stakes: fees are paid from the rest. */
  readonly stakeableRao: Rao;
  /** Largest first by what they would bring. */
  readonly stakes: readonly StakeView[];
  /** Free and all stakes, if sold now; null when one of them has no quote. */
  readonly totalRao: Rao | null;
}

export interface StakeView {
  readonly netuid: number;
  readonly subnetName: string | null;
  readonly hotkey: Ss58;
  /** The name of an own hotkey, or of the address book. */
  readonly hotkeyName: string | null;
  readonly isOwnHotkey: boolean;
  readonly alpha: AlphaRao;
  /** Less than `alpha` where a part is locked. */
  readonly availableAlpha: AlphaRao;
  /** Rao for one alpha. */
  readonly priceRao: Rao | null;
  /** alpha times price. */
  readonly spotRao: Rao | null;
  /** What selling all of it now would bring; null: no quote. */
  readonly exitRao: Rao | null;
}

/** What a person wants done. The page sends these, and never bytes. */
export type Intent =
  | {
      readonly kind: 'stake';
      readonly netuid: number;
      readonly hotkey: Ss58;
      /** All: `stakeableRao` of what the chain says. */
      readonly amountRao: Rao | 'all';
      readonly toleranceBps: number;
    }
  | {
      readonly kind: 'unstake';
      readonly netuid: number;
      readonly hotkey: Ss58;
      readonly amountAlpha: AlphaRao | 'all';
      readonly toleranceBps: number;
    }
  | { readonly kind: 'transfer'; readonly to: Ss58; readonly amountRao: Rao | 'all' }
  | {
      readonly kind: 'moveStake';
      readonly netuid: number;
      readonly fromHotkey: Ss58;
      readonly toHotkey: Ss58;
      readonly amountAlpha: AlphaRao | 'all';
    }
  | {
      readonly kind: 'transferStake';
      readonly netuid: number;
      readonly hotkey: Ss58;
      readonly toColdkey: Ss58;
      readonly amountAlpha: AlphaRao | 'all';
    }
  | {
      readonly kind: 'register';
      readonly netuid: number;
      readonly hotkey: Ss58;
      /** The highest price that is accepted. */
      readonly limitRao: Rao;
    }
  /** Opens a subnet, whose owner hotkey is this, where it costs no more than the limit when it is asked for. */
  | { readonly kind: 'openSubnet'; readonly hotkey: Ss58; readonly limitRao: Rao }
  /** What the owner of a subnet alone may do there. */
  | { readonly kind: 'ownSubnet'; readonly netuid: number; readonly act: OwnerAct };

/** One change of a subnet by its owner. It costs the network's fee. */
export type OwnerAct =
  /** Names it, and announces the run that works there: all fields at once, in the place of those of before. */
  | { readonly kind: 'identity'; readonly identity: SubnetIdentity }
  | { readonly kind: 'rule'; readonly rule: OwnerRule; readonly value: number }
  /** Starts emission, once and for good. */
  | { readonly kind: 'start' };

/** Rules that a run depends on. Spans are blocks. */
export type OwnerRule = 'immunityPeriod' | 'minAllowedWeights' | 'activityCutoff';

export interface MoneyOrder {
  readonly account: AccountId;
  readonly intent: Intent;
}

/** What an intent would do, simulated by the chain in the state of one block. Its numbers are frozen for `askMoney`. */
export interface MoneyQuote {
  /** Names it in `askMoney`. */
  readonly id: string;
  readonly block: number;
  readonly atMs: number;
  readonly expiresAtMs: number;
  /** null: the chain has no quote (`problem` says why), and nothing can be asked for. */
  readonly terms: MoneyTerms | null;
  /** What the network takes for carrying it; null where the node does not say. */
  readonly networkFeeRao: Rao | null;
  readonly freeNowRao: Rao;
  /** null where it depends on what the chain pays out. */
  readonly freeAfterRao: Rao | null;
  /** The most that can leave the coldkey, fees and all. */
  readonly mostRao: Rao;
  readonly warnings: readonly CodedError[];
  /** The text that the signing window asks to be typed to agree, where the chain has no cap or the order is unusual; else null. */
  readonly typedConsent: string | null;
  /** Why it cannot be asked for; null where it can. */
  readonly problem: CodedError | null;
}

/** Prices are rao for one alpha; impact is what the order itself does to its price, in hundredths of a per cent. */
export type MoneyTerms =
  | {
      readonly kind: 'stake';
      readonly payRao: Rao;
      readonly receiveAlpha: AlphaRao;
      readonly leastAlpha: AlphaRao;
      readonly priceRao: Rao;
      readonly paidPriceRao: Rao;
      readonly impactBps: number;
      readonly limitPriceRao: Rao;
      readonly swapFeeRao: Rao;
      /** What selling at once would bring; null: no quote. */
      readonly soldBackRao: Rao | null;
    }
  | {
      readonly kind: 'unstake';
      readonly giveAlpha: AlphaRao;
      readonly receiveRao: Rao;
      readonly leastRao: Rao;
      readonly priceRao: Rao;
      readonly paidPriceRao: Rao;
      readonly impactBps: number;
      readonly limitPriceRao: Rao;
      readonly swapFeeAlpha: AlphaRao;
      readonly leftAlpha: AlphaRao;
    }
  | { readonly kind: 'transfer'; readonly to: Ss58; readonly amountRao: Rao; readonly isFirst: boolean }
  | { readonly kind: 'moveStake' | 'transferStake'; readonly alpha: AlphaRao; readonly leftAlpha: AlphaRao }
  | {
      readonly kind: 'register';
      readonly priceRao: Rao;
      readonly limitRao: Rao;
      /** Whether the chain itself holds the limit. */
      readonly capsPrice: boolean;
      readonly immunityBlocks: number;
    }
  /** `worstRao`: what it comes to where somebody else is first. */
  | { readonly kind: 'openSubnet'; readonly priceRao: Rao; readonly worstRao: Rao }
  /** Fields that change, and what stands there before and after. */
  | {
      readonly kind: 'ownSubnet';
      readonly changes: readonly { readonly name: string; readonly from: string; readonly to: string }[];
    };

/** The five steps of a transaction, and how it can end otherwise. */
export type TransactionState =
  | { readonly kind: 'review' }
  | { readonly kind: 'signed' }
  | { readonly kind: 'sent' }
  | { readonly kind: 'in-block'; readonly block: number }
  | { readonly kind: 'done'; readonly block: number; readonly outcome: TransactionOutcome }
  /**
   * Nothing was exchanged. `block` null: no block holds it, so no fee was paid either. `retryBlock` is the first block
   * that can take the same again, where it was refused only for the time being.
   */
  | {
      readonly kind: 'refused';
      readonly block: number | null;
      readonly error: CodedError;
      readonly retryBlock?: number;
    }
  | { readonly kind: 'expired' }
  /**
   * Not known yet whether it happened: looked for block by block, and never sent again meanwhile. With `block` that is
   * over: this block holds it, and what it did there can be read no more.
   */
  | { readonly kind: 'unknown'; readonly searchedToBlock: number | null; readonly block?: number };

/** What it came to, by the chain's own events and balances. */
export interface TransactionOutcome {
  /** Change of the free balance over its block, where nothing else moved in it; null: not known. */
  readonly balanceRao: bigint | null;
  readonly taoRao: Rao | null;
  readonly alpha: AlphaRao | null;
  readonly uid: number | null;
  /** Of a subnet that was opened by it. */
  readonly netuid?: number;
}

export interface TransactionView {
  readonly id: string;
  readonly intent: Intent;
  readonly atMs: number;
  readonly state: TransactionState;
  readonly hash: Hex | null;
}

/** An address that the user gave a name. */
export interface Contact {
  readonly address: Ss58;
  readonly name: string;
}

/** What the page may know of the signing window: that something waits there, and what kind of thing. */
export interface SigningWaits {
  readonly id: string;
  readonly kind: 'review' | 'wallet' | 'move';
}

/** How the last order left the signing window, where that was not by being signed. */
export interface SigningEnded {
  readonly id: string;
  /** Its person said no, or nobody said anything in time. */
  readonly how: 'denied' | 'expired';
  /** What it was, read from its bytes. */
  readonly sentence: string;
}

/** What an account was worth at the last look of a UTC day, all of it sold then. */
export interface WorthPoint {
  readonly atMs: number;
  readonly totalRao: Rao;
  readonly freeRao: Rao;
}
