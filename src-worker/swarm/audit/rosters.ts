import type { AuditedRound } from '../../../src-shared/audit/verdict.ts';
import { ChunkCoder } from '../../../src-shared/codec/chunk-coder.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import type { ChunkGrid } from '../../../src-shared/reduce/chunks.ts';
import type { Roster, RosterMember } from '../../../src-shared/rounds/messages.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import { ROSTERS_KEPT } from './limits.ts';

/** A roster that witnesses agreed on, ready to hold results against. */
export interface KnownRound extends AuditedRound {
  readonly round: number;
  readonly members: readonly RosterMember[];
}

/** Peer key of a hotkey as it is known now; null where it is not. */
type KeyOf = (hotkey: Ss58) => Hex | null;

/** The rosters of the last rounds by their digests, and by which keys their members signed. */
export class KnownRosters {
  readonly #grid: ChunkGrid;
  readonly #coder: ChunkCoder;
  readonly #keyOf: KeyOf;
  readonly #known = new Map<Hex, KnownRound>();
  readonly #keysThen = new Map<Hex, readonly (Hex | null)[]>();

  constructor(grid: ChunkGrid, consensus: Consensus, keyOf: KeyOf) {
    this.#grid = grid;
    this.#coder = new ChunkCoder(grid, consensus);
    this.#keyOf = keyOf;
  }

  note(roster: Roster, rosterDigest: Hex): void {
    if (this.#known.has(rosterDigest)) return;
    const { round, members } = roster;
    this.#known.set(rosterDigest, { round, members, rosterDigest, grid: this.#grid, coder: this.#coder });
    this.#keysThen.set(
      rosterDigest,
      members.map(({ hotkey }) => this.#keyOf(hotkey)),
    );
    const oldest = [...this.#known.values()].sort((a, b) => a.round - b.round);
    for (const { rosterDigest: old } of oldest.slice(0, -ROSTERS_KEPT)) {
      this.#known.delete(old);
      this.#keysThen.delete(old);
    }
  }

  /** Whether a proof of that round could be judged here. */
  hasRound(round: number): boolean {
    return [...this.#known.values()].some((known) => known.round === round);
  }

  /**
   * The key that a member had when its roster was agreed, and the one that it has now: who binds another peer key after
   * a lie has still signed it.
   */
  keysOf({ rosterDigest, members }: KnownRound, index: number): readonly Hex[] {
    const keys = [this.#keysThen.get(rosterDigest)?.[index], this.#keyOf(members[index]!.hotkey)];
    return [...new Set(keys.filter((key) => key != null))];
  }

  get(rosterDigest: Hex): KnownRound | null {
    return this.#known.get(rosterDigest) ?? null;
  }
}
