import { ASKED_AHEAD_MS, PIECES_AT_FIRST, PIECES_AT_MOST } from './limits.ts';

/** What is left of older pieces in the rate with each new one. */
const FADE = 0.8;

/** How fast a donor gives, from piece to piece, and how many it is asked for at once. */
export class DonorRate {
  readonly #pieceBytes: number;
  #bytes = 0;
  #ms = 0;
  #lastAtMs: number;
  #given = 0;

  constructor(pieceBytes: number, nowMs: number) {
    this.#pieceBytes = pieceBytes;
    this.#lastAtMs = nowMs;
  }

  /** Nothing was asked before: what went by until now says nothing of the donor. */
  begin(nowMs: number): void {
    this.#lastAtMs = nowMs;
  }

  gave(bytes: number, nowMs: number): void {
    this.#bytes = FADE * this.#bytes + bytes;
    this.#ms = FADE * this.#ms + Math.max(0, nowMs - this.#lastAtMs);
    this.#lastAtMs = nowMs;
    this.#given++;
  }

  /** Milliseconds for a whole piece; null before it gave one. */
  get pieceMs(): number | null {
    return this.#given === 0 ? null : (this.#ms * this.#pieceBytes) / this.#bytes;
  }

  /** As many as it gives in `ASKED_AHEAD_MS`: one of a slow donor, so that it holds up little. */
  get piecesAtOnce(): number {
    const { pieceMs } = this;
    if (pieceMs === null) return PIECES_AT_FIRST;
    return Math.max(1, Math.min(PIECES_AT_MOST, Math.ceil(ASKED_AHEAD_MS / Math.max(pieceMs, 1e-3))));
  }
}
