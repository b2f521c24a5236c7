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
  readonly pageCount: number;
  loadPage(index: number, signal: AbortSignal): Promise<Page>;
}
