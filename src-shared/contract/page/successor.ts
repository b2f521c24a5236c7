import type { ProfilePart } from '../../profile/profile-parts.ts';
import type { ProfileSummary } from './join.ts';

/** A run that the owner of a subnet announces as the one that takes over from a run of this host; all of it checked. */
export interface SuccessorView {
  readonly summary: ProfileSummary;
  /** What it does otherwise. */
  readonly changes: readonly ProfilePart[];
  /** At which it was announced. */
  readonly block: number;
  /** Where it was read, as a person writes it. */
  readonly store: string;
}
