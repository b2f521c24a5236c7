import type { DrawPair } from '../../../src-shared/pages.ts';

/** Where training text comes from, cut into pages that a rule can number. */
export type Page = {
  readonly index: number;
  /** Sequences in the page: sequence s trains on tokens s*context up to (s+1)*context, both included. */
  readonly sequences: number;
  /** Packed tokens: sequences * context + 1. */
  readonly tokens: Uint16Array;
  /** SHA-256 of the packed tokens as u16 little endian, hex. */
  readonly sha256: string;
};

export interface PageSource {
  /** SHA-256, hex: part of the seed of every draw, so that another dataset means other pages. */
  readonly manifestHash: string;
  /**
   * The page that a draw means. Equal on every peer, whatever it holds already.
   * @throws {AppError} as `loadPage`: how many pages there are may have to be looked up
   */
  draw(pair: DrawPair, signal: AbortSignal): Promise<number>;
  /** @throws {AppError} what keeps its text from being had; the signal's reason once it aborts */
  loadPage(index: number, signal: AbortSignal): Promise<Page>;
  /** These draws will be asked for soon. What fails is told when they are. */
  ahead?(pairs: readonly DrawPair[]): void;
}

/** Text that may be out of reach, and what stands in for it. */
export interface SpareSource {
  /** Resolves when text has been waited for longer than a fault that passes, or when the signal aborts. */
  outOfReach(signal: AbortSignal): Promise<void>;
  /** The n-th page of a fixed rotation over what is here: nobody assigned it, so nothing is claimed for it. */
  spare(turn: number, signal: AbortSignal): Promise<Page>;
  /** Whether steps are taken on it. */
  setUnassigned(isUnassigned: boolean): void;
  /** Says once more how things stand: somebody may have begun to listen. */
  repeatState(): void;
  stop(): Promise<void>;
}
