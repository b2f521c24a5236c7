import { open } from 'node:fs/promises';
import type { Extent } from '../../../src-shared/published/extents.ts';
import { COPIES_AT_END, EXTENT_PATIENCE_MS } from './limits.ts';
import type { PiecePlan, Source } from './piece-plan.ts';
import type { Wanted } from './wanted.ts';

/**
 * What stores bring of a state. They have it in extents of their files, which are no pieces: the numbers of an extent
 * belong to one or several stretches of the state, and a piece at the border of two needs both. Each store fills a
 * sparse file of its own by position, which is read here once pieces of it are whole; so what a store wrote is believed
 * no more than what a peer sends, and a wrong piece names its store.
 */
export class StoreShare {
  readonly #plan: PiecePlan;
  readonly #file: Wanted;
  /** Pieces that an extent has part of, and extents that have part of a piece. */
  readonly #piecesOf: readonly (readonly number[])[];
  readonly #extentsOf: readonly (readonly number[])[];
  readonly #stores = new Map<Source, Feeding>();

  constructor(extents: readonly Extent[], plan: PiecePlan, file: Wanted) {
    this.#plan = plan;
    this.#file = file;
    const extentsOf: number[][] = Array.from({ length: file.pieces }, () => []);
    this.#piecesOf = extents.map((extent, index) => {
      const pieces = piecesUnder(extent, file.pieceBytes);
      for (const piece of pieces) extentsOf[piece]?.push(index);
      return pieces;
    });
    this.#extentsOf = extentsOf;
  }

  /** Whether another store has something under way that it was not given up for. */
  isAnotherAtWork(store: Source, nowMs: number): boolean {
    return [...this.#stores].some(
      ([other, { claims }]) =>
        other !== store && [...claims.values()].some(({ atMs }) => nowMs - atMs < EXTENT_PATIENCE_MS),
    );
  }

  /**
   * The extent of which most is wanted that nobody was asked for, the last of equals: peers begin at the first. Where
   * there is none, the one that another store is longest at beyond patience: it may never bring it.
   * @param isAlone whether nobody else gives: then one is worth its bytes for a single piece too
   * @returns null: none is worth it now
   */
  claim(store: Source, { isAlone, nowMs }: { readonly isAlone: boolean; readonly nowMs: number }) {
    const { given, claims } = this.#of(store);
    let best: { readonly extent: number; readonly free: readonly number[] } | null = null;
    for (const [extent, pieces] of this.#piecesOf.entries()) {
      if (given.has(extent) || claims.has(extent)) continue;
      const free = pieces.filter((piece) => this.#plan.isFree(piece));
      const isWorth = free.length > 0 && (isAlone || 2 * free.length >= pieces.length);
      if (isWorth && free.length >= (best?.free.length ?? 0)) best = { extent, free };
    }
    const extent = best?.extent ?? this.#late(store, nowMs);
    if (extent === null) return null;
    const wanted = best?.free ?? this.#missingOf(extent);
    const fails = wanted.map((piece) => this.#plan.asked(piece, store, nowMs, () => {}));
    claims.set(extent, { fails, atMs: nowMs });
    return extent;
  }

  #late(store: Source, nowMs: number): number | null {
    const own = this.#of(store);
    let longest: { readonly extent: number; readonly atMs: number } | null = null;
    for (const extent of this.#piecesOf.keys()) {
      if (own.given.has(extent) || own.claims.has(extent) || this.#missingOf(extent).length === 0) continue;
      const times = [...this.#stores.values()].flatMap(({ claims }) => claims.get(extent)?.atMs ?? []);
      const atMs = Math.min(...times);
      if (times.length === 0 || times.length >= COPIES_AT_END || nowMs - atMs < EXTENT_PATIENCE_MS) continue;
      if (longest === null || atMs < longest.atMs) longest = { extent, atMs };
    }
    return longest?.extent ?? null;
  }

  #missingOf(extent: number): readonly number[] {
    return (this.#piecesOf[extent] ?? []).filter((piece) => !this.#file.has(piece));
  }

  /**
   * An extent lies in the store's file. Every piece that is whole with it is verified and kept.
   * @returns bytes that were of use; null when a piece was wrong
   */
  async give(store: Source, extent: number, path: string): Promise<number | null> {
    const { given } = this.#of(store);
    given.add(extent);
    const whole = (this.#piecesOf[extent] ?? []).filter(
      (piece) => !this.#file.has(piece) && this.#extentsOf[piece]!.every((one) => given.has(one)),
    );
    try {
      return await this.#keep(whole, path);
    } finally {
      this.drop(store, extent);
    }
  }

  /** The store does not bring it: others may. */
  drop(store: Source, extent: number): void {
    const { claims } = this.#of(store);
    const fails = claims.get(extent)?.fails ?? [];
    claims.delete(extent);
    for (const fail of fails) fail();
  }

  async #keep(pieces: readonly number[], path: string): Promise<number | null> {
    if (pieces.length === 0) return 0;
    let bytes = 0;
    const from = await open(path, 'r');
    try {
      for (const piece of pieces) {
        const filled = new Uint8Array(this.#file.lengthOf(piece));
        await from.read(filled, 0, filled.length, piece * this.#file.pieceBytes);
        if (!(await this.#file.put(piece, filled))) return null;
        this.#plan.done(piece);
        bytes += filled.length;
      }
      return bytes;
    } finally {
      await from.close();
    }
  }

  #of(store: Source): Feeding {
    const known = this.#stores.get(store) ?? { given: new Set(), claims: new Map() };
    this.#stores.set(store, known);
    return known;
  }
}

interface Feeding {
  readonly given: Set<number>;
  readonly claims: Map<number, { readonly fails: readonly (() => void)[]; readonly atMs: number }>;
}

function piecesUnder({ segments }: Extent, pieceBytes: number): readonly number[] {
  const pieces = new Set<number>();
  for (const { at, bytes } of segments)
    for (let piece = Math.floor(at / pieceBytes); piece * pieceBytes < at + bytes; piece++) pieces.add(piece);
  return [...pieces];
}
