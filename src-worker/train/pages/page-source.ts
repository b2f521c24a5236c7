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
}
