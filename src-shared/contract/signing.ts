import type { CodedError } from '../errors/app-error.ts';
import type { Ss58 } from '../units.ts';
import type { ColdkeyOpens, MoneyNetwork } from './page/money.ts';

/**
 * What is read from the very bytes that will be signed, and from nothing that the page said.
 */
export interface DecodedCall {
  /** "SubtensorModule.add_stake_limit" */
  readonly name: string;
  /** One sentence: what it does, with amounts to the last rao. */
  readonly sentence: string;
  /** The arguments by the chain's own names, in its order. */
  readonly lines: readonly { readonly name: string; readonly value: string }[];
}

/** The one order that waits for a person's yes or no. */
export interface ReviewTask {
  readonly id: string;
  readonly call: DecodedCall;
  readonly coldkey: Ss58;
  readonly walletName: string | null;
  readonly opens: ColdkeyOpens;
  readonly network: MoneyNetwork;
  /** The subnet that it is about, by the name that it has on the chain now; null where it is about none. */
  readonly subnet: {
    readonly netuid: number;
    readonly name: string | null;
    /** Whether a run of this computer knows the subnet by that name; else nothing but the chain says so. */
    readonly isExpected: boolean;
  } | null;
  /** "1.5 TAO": the most that it can cost, fees and all. */
  readonly most: string;
  readonly undone: 'by-selling' | 'by-moving-back' | 'never';
  /** Own and known names for addresses in the call. */
  readonly names: readonly { readonly address: Ss58; readonly name: string }[];
  /** The text that has to be typed besides; null: none. */
  readonly typedConsent: string | null;
  readonly expiresAtMs: number;
  readonly state: 'waiting' | 'unlocking' | 'signing';
  /** Why the last try did not sign; the order still waits. */
  readonly problem: CodedError | null;
}
