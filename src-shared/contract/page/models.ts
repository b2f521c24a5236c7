import type { CodedError } from '../../errors/app-error.ts';
import type { LossRise, RoundLoss } from '../../published/loss-rise.ts';
import type { Hex, Ss58 } from '../../units.ts';

/** A state that somebody published, as its manifest says it. Nothing of it is proved before it is here and checked. */
export interface PublishedModel {
  /** `R.E.S`: names it within its source. */
  readonly tag: string;
  readonly runName: string;
  readonly profileHash: Hex;
  /** -1 for the initial weights. */
  readonly round: number;
  readonly baseDigest: Hex;
  /** Of the publisher. */
  readonly hotkey: Ss58;
  /** Whether that hotkey signed the manifest. */
  readonly isSigned: boolean;
  /** Of all its files. */
  readonly sizeBytes: number;
  /** null: its publisher says nothing of when. */
  readonly publishedAtMs: number | null;
  /** Nats per token on text that nobody trains on, as the publisher measured it. */
  readonly heldOutLoss: number | null;
  /** Tokens that the publisher itself trained on by then. */
  readonly ownTokens: number | null;
  /** Where people look at it: a page of the Hub; null for a store that has none. */
  readonly link: string | null;
}

/** Why a store is looked at: this computer publishes there, the settings name it, others announce it, or it was added here. */
export type ModelSourceWhy = 'own' | 'chosen' | 'announced' | 'added';

/** A store of states, and what was seen there last. */
export interface ModelSource {
  /** Names it for a call. */
  readonly id: string;
  /** For people: without the key that an address may carry. */
  readonly address: string;
  readonly why: ModelSourceWhy;
  /** Whole models, the newest first. */
  readonly states: readonly PublishedModel[];
  /** States that were named there and whose manifest could not be read. */
  readonly unreadable: number;
  /** When it last answered; null: never. What is shown is of then. */
  readonly lookedAtMs: number | null;
  readonly isLooking: boolean;
  /** Why the last look came to nothing. */
  readonly problem: CodedError | null;
}

/** How the model of one run does on text that nobody trains on. */
export interface ModelLosses {
  readonly runName: string;
  readonly profileHash: Hex;
  /** By round, oldest first; measured here where that is known, else as publishers say. */
  readonly points: readonly (RoundLoss & { readonly isOwn: boolean })[];
  readonly rise: LossRise | null;
}

export interface ModelsView {
  readonly sources: readonly ModelSource[];
  readonly losses: readonly ModelLosses[];
}

/** What was found of a download. */
export interface ModelCheck {
  readonly atMs: number;
  /** Files that are not what the manifest says, by name; none: all are. */
  readonly damaged: readonly string[];
  readonly isSigned: boolean;
  /**
   * Whether the weights come to the base digest of the manifest: `unknown` where the momentum or the profile is not
   * among the files.
   */
  readonly weights: 'same' | 'other' | 'unknown';
  /** Whether a run of this computer has that digest from the chain for this round; `unknown` where none knows the round. */
  readonly chain: 'same' | 'other' | 'unknown';
}

/** Whether nothing speaks against a download; what nobody here could tell does not. */
export const isSound = ({ damaged, isSigned, weights, chain }: ModelCheck): boolean =>
  damaged.length === 0 && isSigned && weights !== 'other' && chain !== 'other';

/** A state that is on this computer, or on its way. */
export interface ModelDownload {
  readonly id: string;
  /** Of its source, as `ModelSource.address`. */
  readonly from: string;
  readonly state: PublishedModel;
  readonly folder: string;
  readonly phase:
    | { readonly kind: 'coming'; readonly doneBytes: number }
    /** It broke off, or was stopped where there is no problem; what came stays. */
    | { readonly kind: 'stopped'; readonly problem: CodedError | null }
    | { readonly kind: 'checking' }
    | { readonly kind: 'exporting'; readonly into: string }
    | { readonly kind: 'here'; readonly problem: CodedError | null };
  /** null: not checked. */
  readonly check: ModelCheck | null;
  /** Where it was last exported to, since this start. */
  readonly exportedTo: string | null;
  /** Where it goes where people choose no other place: a folder of its own, below that of their user. */
  readonly exportsTo: string;
}

/** How a downloaded model is asked to go on with a text. */
export interface ModelPrompt {
  readonly text: string;
  /** What logits are divided by; 0 takes the likeliest token always. */
  readonly temperature: number;
  /** Only so many of the likeliest tokens may come. */
  readonly topK: number;
  /** The same seed gives the same text. */
  readonly seed: number;
}

/** Lively and seldom absurd, where nobody says otherwise. */
export const usualSampling: Omit<ModelPrompt, 'text'> = { temperature: 0.8, topK: 40, seed: 0 };

/** What a downloaded model writes. */
export interface ModelWriting {
  readonly download: string;
  readonly prompt: ModelPrompt;
  readonly written: string;
  /** `loading`: the model is read into memory first. */
  readonly phase: 'loading' | 'writing' | 'ended' | 'stopped';
  readonly problem: CodedError | null;
}

export const MODEL_PROMPT_CHARS_MAX = 4_096;
export const MODEL_TOP_K_MAX = 1_000;
export const MODEL_TEMPERATURE_MAX = 4;
export const MODEL_SEED_MAX = 999_999_999;
