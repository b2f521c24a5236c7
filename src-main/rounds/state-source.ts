import type { LineageEntry } from '../../src-shared/rounds/messages.ts';
import type { Hex } from '../../src-shared/units.ts';

/** A state that the chain's list of rounds leads to. */
export interface WantedState {
  readonly round: number;
  readonly baseDigest: Hex;
  /** Where its state file is to lie. */
  readonly path: string;
}

/** Where states are had beside peers: stores that members publish to. Nothing of it is believed. */
export interface StateSource {
  /** Lists of committed rounds, newest first; whoever asks looks which of them leads to the chain's own id. */
  lineages(signal: AbortSignal): AsyncIterable<readonly LineageEntry[]>;
  /** Brings the state file, whole by its digest. @returns false where it is nowhere @throws {AppError} of the first store that failed, where none gave it */
  fetch(wanted: WantedState, signal: AbortSignal): Promise<boolean>;
}
