import type { LineageEntry } from '../../src-shared/rounds/messages.ts';
import type { Hex } from '../../src-shared/units.ts';

/** A state that the chain's list of rounds leads to. */
export interface WantedState {
  readonly round: number;
  readonly baseDigest: Hex;
  /** Where its state file is to lie. */
  readonly path: string;
}

/** Where stores bring what they have of a state that peers bring too. It is judged there, by the state's own digest. */
export interface StateSink {
  /** Digests of all pieces, in a file. @returns false: of something else */
  manifest(path: string): Promise<boolean>;
  /** @returns the number of an extent (`stateExtents`) to be brought; null: none for now; over: none any more */
  claim(store: string): Promise<{ readonly extent: number | null; readonly isOver: boolean }>;
  /** The extent lies by position in the store's own file. @returns false: something in it was wrong */
  give(store: string, extent: number, path: string): Promise<boolean>;
  /** It is not brought. */
  drop(store: string, extent: number): Promise<void>;
}

/** Where states are had beside peers: stores that members publish to. Nothing of it is believed. */
export interface StateSource {
  /** Lists of committed rounds, newest first; whoever asks looks which of them leads to the chain's own id. */
  lineages(signal: AbortSignal): AsyncIterable<readonly LineageEntry[]>;
  /** Brings extents of the state from all stores that have it, until it is whole or they have no more. */
  feed(wanted: WantedState, sink: StateSink, signal: AbortSignal): Promise<void>;
  /**
   * Brings the state file from a store alone, whole by its digest: also of states that were published without the digests
   * of their pieces. @returns false where it is nowhere @throws {AppError} of the first store that failed, where none gave it
   */
  fetch(wanted: WantedState, signal: AbortSignal): Promise<boolean>;
}
