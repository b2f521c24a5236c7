import type { CodedError } from '../../errors/app-error.ts';
import type { Dataset, ModelShape } from '../../profile/schema.ts';
import type { AlphaRao, Hex, Rao, Ss58 } from '../../units.ts';

/** A run profile as a person names it: one that is shipped, or the text of a file. */
export type ProfileSource =
  | { readonly kind: 'shipped'; readonly name: string }
  | { readonly kind: 'file'; readonly text: string };

export interface ProfileSummary {
  readonly name: string;
  readonly hash: Hex;
  readonly netuid: number;
  /** What the profile expects to find on chain. */
  readonly identity: { readonly name: string; readonly ownerColdkey: Ss58 | null };
  readonly model: ModelShape & { readonly parameters: number };
  /** What it trains on, in the profile's own words. */
  readonly dataset: Dataset;
  /** Between two averages. */
  readonly round: { readonly blocks: number; readonly ms: number };
  /** Parts of the score that pays, by their labels, and the share of each. */
  readonly rewards: readonly { readonly label: string; readonly share: number }[];
  readonly witnesses: number;
  /** The run that it takes over from, by its hash, and the round after which; null for a run of its own. */
  readonly predecessor: { readonly hash: Hex; readonly afterRound: number } | null;
  readonly mark: string | null;
  /** Why this version cannot run it yet; null where it can. */
  readonly problem: CodedError | null;
}

/** A run that the owner of a subnet announces on chain, found and checked; nothing was begun for it. */
export interface FoundRunView {
  /** As a file would say it: joined with as such. */
  readonly profile: Extract<ProfileSource, { kind: 'file' }>;
  readonly summary: ProfileSummary;
  /** At which it was announced. */
  readonly block: number;
  /** Where it was read, as a person writes it. */
  readonly store: string;
}

export interface JoinRequest {
  readonly networkName: string;
  readonly endpoint: string;
  readonly profile: ProfileSource;
  readonly role: 'miner' | 'validator';
  /**
   * A folder with the hotkey (and the coldkey, where something is to be paid), or the hotkey's file; null takes the
   * keys that Butterfly made for this network.
   */
  readonly keysFolder: string | null;
}

/** A coldkey that signs here, one locked with a password that this version does not open, or none. */
export type ColdkeyFile = 'open' | 'locked' | 'absent';

/** What joining takes, read from the chain. Nothing was spent for it. */
export interface JoinQuote {
  readonly hotkey: Ss58;
  readonly coldkey: Ss58 | null;
  readonly coldkeyFile: ColdkeyFile;
  /** null: not registered. */
  readonly uid: number | null;
  /** null: nothing to pay, or not known (then `problem` says so). */
  readonly registrationCostRao: Rao | null;
  /** Whether the chain itself takes a limit with the order; where not, the price can rise after we read it last. */
  readonly capsPrice: boolean;
  readonly freeRao: Rao | null;
  readonly stakeAlpha: AlphaRao | null;
  /** Only on a chain that is no known real network, and only with the coldkey at hand. */
  readonly maySpend: boolean;
  /** Why joining is refused; null where it may begin. */
  readonly problem: CodedError | null;
}

/** What a command line asked to join beside this page: it costs something, so it waits here for the button. */
export interface JoinAsked extends JoinRequest {
  readonly atMs: number;
  /** As typed: what the form begins with, and no consent. */
  readonly registrationLimitRao: Rao | null;
  readonly stakeRao: Rao | null;
}

/** A run profile that a person opened as a file: looked at on the page, where joining is asked for or not. */
export interface ProfileOpened {
  readonly atMs: number;
  readonly fileName: string;
  readonly profile: ProfileSource;
}

/** A join under way; null once its run is there or it failed (the call's error says why). */
export interface JoinProgress {
  readonly step: 'checking' | 'starting';
  readonly networkName: string;
}
