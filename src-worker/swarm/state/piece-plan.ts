import { COPIES_AT_END, FIRST_PIECE_MS } from './limits.ts';

/** Who gives pieces: a peer's hotkey, or the name of a store. */
export type Source = string;

interface Ask {
  readonly source: Source;
  readonly askedAtMs: number;
  /** Called when the piece came from elsewhere. */
  readonly end: () => void;
}

/**
 * Which piece whom: each is asked of one source, the lowest first. When none is left that nobody was asked for, a source
 * helps out with one that another is slow with, and whoever brings it first ends the others.
 */
export class PiecePlan {
  /** In order of asking: those that failed come last. */
  readonly #free: Set<number>;
  readonly #asks = new Map<number, Ask[]>();

  constructor(missing: Iterable<number>) {
    this.#free = new Set(missing);
  }

  isFree(piece: number): boolean {
    return this.#free.has(piece);
  }

  /**
   * @param pieceMs what a piece lasts with this source; null where it gave none yet
   * @returns null: nothing that this source would be of use with now
   */
  next(source: Source, pieceMs: number | null, nowMs: number): number | null {
    for (const piece of this.#free) return piece;
    return this.#slow(source, pieceMs ?? FIRST_PIECE_MS, nowMs);
  }

  /** @returns to be called when the source has failed with the piece */
  asked(piece: number, source: Source, nowMs: number, end: () => void): () => void {
    const ask: Ask = { source, askedAtMs: nowMs, end };
    this.#free.delete(piece);
    this.#asks.set(piece, [...(this.#asks.get(piece) ?? []), ask]);
    return () => this.#failed(piece, ask);
  }

  /** The piece is there: nobody needs to bring it any more. */
  done(piece: number): void {
    this.#free.delete(piece);
    const asks = this.#asks.get(piece) ?? [];
    this.#asks.delete(piece);
    for (const { end } of asks) end();
  }

  #failed(piece: number, ask: Ask): void {
    const asks = this.#asks.get(piece);
    if (!asks?.includes(ask)) return;
    const rest = asks.filter((other) => other !== ask);
    if (rest.length > 0) this.#asks.set(piece, rest);
    else {
      this.#asks.delete(piece);
      this.#free.add(piece);
    }
  }

  /** The piece that is longest under way, where this source would bring it in less than it took already. */
  #slow(source: Source, pieceMs: number, nowMs: number): number | null {
    let longest: { readonly piece: number; readonly askedAtMs: number } | null = null;
    for (const [piece, asks] of this.#asks) {
      const [first] = asks;
      if (!first || asks.length >= COPIES_AT_END || asks.some((ask) => ask.source === source)) continue;
      if (nowMs - first.askedAtMs < 2 * pieceMs) continue;
      if (longest === null || first.askedAtMs < longest.askedAtMs)
        longest = { piece, askedAtMs: first.askedAtMs };
    }
    return longest?.piece ?? null;
  }
}
