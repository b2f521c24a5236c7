import type { Hex, Ss58 } from '../../units.ts';
import type { Coded } from './runs.ts';

/** What a witness signed: whose proposal, and what names it. */
export interface SignedWord {
  readonly proposer: Ss58;
  readonly digest: Hex;
}

/** What stood against a word or a vote of this witness. */
export const witnessAgainstCodes = [
  /** A drawn chunk is not the mean of what went into it: no vote. */
  'wrong-result',
  /** Members did not report one id with more than half of the weight. */
  'no-agreement',
  /** Not enough were ready, or no proposal that keeps the rules was heard. */
  'no-roster',
  /** No list of results got more than half of the witnesses. */
  'no-list',
  /** Another witness signed two words of one round: `hotkey`. */
  'contradiction',
  /** The chain committed another result than this witness computed. */
  'other-result',
  /** A newer start of the hotkey speaks elsewhere. */
  'elsewhere',
  /** The chain did not take the record. */
  'not-written',
] as const;
export type WitnessAgainst = Coded<(typeof witnessAgainstCodes)[number]>;

/** How far the look at random chunks came before the vote; counts are null while it is under way. */
export interface AuditSeen {
  readonly verdict: 'asked' | 'passed' | 'failed';
  readonly drawn: number | null;
  readonly wrong: number | null;
}

/** What this validator did as witness of one round. */
export interface WitnessRound {
  readonly round: number;
  readonly roster: SignedWord | null;
  readonly results: SignedWord | null;
  readonly audit: AuditSeen | null;
  /** The record that it wrote: a result's id, or null for a rewrite of the base alone. */
  readonly record: {
    readonly resultId: Hex | null;
    readonly state: 'on-its-way' | 'final' | 'given-up';
  } | null;
  /** What the chain decided; null before. */
  readonly outcome: 'committed' | 'void' | 'unknown' | null;
  readonly against: readonly WitnessAgainst[];
}

/** The witness role of a validator's run. */
export interface WitnessView {
  readonly isWitness: boolean;
  /** All of the round in progress, or of the last one. */
  readonly witnesses: readonly Ss58[];
  /** The newest first; rounds in which it was no witness are left out. */
  readonly rounds: readonly WitnessRound[];
}
