import type { CodedError } from '../../errors/app-error.ts';
import type { ScoreModel } from '../../profile/schema.ts';
import type { KeptWhy } from '../../scoring/why.ts';
import type { Ss58 } from '../../units.ts';
import type { MemberFault } from '../swarm.ts';
import type { RoundReason } from './runs.ts';

/** A figure in two rounds; null where it is not known. */
export interface Change {
  readonly before: number | null;
  readonly now: number | null;
}

/** A term of a score in two rounds. */
export interface TermChange extends Change {
  /** Its id in the score model, or one that the model does not have. */
  readonly term: string;
  /** By how much the score would be higher, were this term as before and all else as now; below 0 it has helped. */
  readonly cost: number;
  readonly why: KeptWhy;
  /** null where it was not measured before. */
  readonly whyBefore: KeptWhy | null;
}

/** What this computer knows of itself in the rounds between. */
export type OwnEvent =
  /** It missed a round: paused, late, away from the chain, loading a state. */
  | {
      readonly kind: 'round';
      readonly round: number;
      readonly atMs: number | null;
      readonly reason: RoundReason;
    }
  /** What the exchange of a round came to with it, where something was amiss. */
  | {
      readonly kind: 'exchange';
      readonly round: number;
      readonly atMs: number | null;
      readonly takenShare: number | null;
      readonly returnedShare: number | null;
      readonly fault: MemberFault | null;
    }
  /** A round was worked, but slower: tokens in a second of this round and of the one before. */
  | {
      readonly kind: 'slower';
      readonly round: number;
      readonly atMs: number | null;
      readonly tokensPerSecond: number;
      readonly before: number;
    }
  /** What a person was told at the time: a lost connection, an update, a full disk. */
  | { readonly kind: 'told'; readonly atMs: number; readonly error: CodedError };

/** How one validator's word on this hotkey changed between the two newest rounds that it scored. */
export interface LessOfValidator {
  readonly validator: Ss58;
  readonly round: number;
  readonly atMs: number;
  /** The round before that it scored; null: there is none to compare with. */
  readonly beforeRound: number | null;
  readonly total: Change;
  readonly average: Change;
  readonly weightShare: Change;
  /** The costliest first; what did not change is left out. */
  readonly terms: readonly TermChange[];
  /** The newest first. */
  readonly beside: readonly OwnEvent[];
  /** Whether the validator's own signature lies here, so that it can stand in a dispute file. */
  readonly isSigned: boolean;
}

/** An answer to "why did I earn less?", from what this computer keeps. */
export interface WhyLess {
  readonly hotkey: Ss58;
  readonly model: ScoreModel;
  /** Those whose word became worse first, by the share of their weights. */
  readonly validators: readonly LessOfValidator[];
}

/** What a check of a dispute file found of one validator's word in one round. */
export interface DisputeFinding {
  readonly validator: Ss58;
  readonly round: number;
  /** Whether the total follows from the terms by the run's score model. */
  readonly sum: 'right' | 'wrong' | 'unknown';
  /** Whether the bandwidth agrees with the receipts in the file that both sides signed; unknown with too few. */
  readonly receipts: 'agree' | 'differ' | 'unknown';
  /** Whether this computer's own rows say the same of that validator; not-kept: it has none of that round. */
  readonly kept: 'same' | 'differs' | 'not-kept';
}

/** A dispute file whose every signature holds. */
export interface DisputeChecked {
  readonly hotkey: Ss58;
  readonly writtenAtMs: number;
  readonly receipts: number;
  readonly findings: readonly DisputeFinding[];
}
