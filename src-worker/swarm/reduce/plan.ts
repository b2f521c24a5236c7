import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { membersOf, weightOf } from '../../../src-shared/reduce/bitmap.ts';
import { type ChunkGrid, chunkLength } from '../../../src-shared/reduce/chunks.ts';
import { bytesPerValue } from '../../../src-shared/reduce/fp16.ts';
import { partsCover } from '../../../src-shared/reduce/parts.ts';
import type { Roster, RosterMember } from '../../../src-shared/rounds/messages.ts';
import { reduceAt } from '../../../src-shared/rounds/pace.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';

/** In a group this small the quorum is all but one: 80 % of four would be all four, and one loss would end the round. */
const SMALL_GROUP = 8;

/** A roster made ready for use: who reduces which chunk, and what a result must have. Indexes are roster positions. */
export class RoundPlan {
  readonly roster: Roster;
  readonly rosterDigest: Hex;
  readonly grid: ChunkGrid;
  readonly codec: Consensus['codec'];
  /** At the chain's present pace. */
  readonly reduce: Consensus['reduce'];
  /** Roster position of this member; null for one that only receives. */
  readonly self: number | null;
  /** First four bytes of the roster digest: stands in every frame. */
  readonly tag: number;
  readonly #reducers: Uint8Array;

  /** @throws {AppError} ROSTER_INVALID */
  constructor(init: {
    readonly roster: Roster;
    readonly rosterDigest: Hex;
    readonly grid: ChunkGrid;
    readonly consensus: Consensus;
    readonly hotkey: Ss58;
    readonly slowdown: number;
  }) {
    this.roster = init.roster;
    this.rosterDigest = init.rosterDigest;
    this.grid = init.grid;
    this.codec = init.consensus.codec;
    this.reduce = reduceAt(init.slowdown, init.consensus.reduce);
    this.tag = tagOf(init.rosterDigest);
    const fault = rosterFault(init.roster, init.grid.chunks);
    if (fault) throw new AppError('ROSTER_INVALID', { round: init.roster.round, reason: fault });
    const at = this.members.findIndex((member) => member.hotkey === init.hotkey);
    this.self = at < 0 ? null : at;
    this.#reducers = new Uint8Array(init.grid.chunks);
    for (const [i, { firstChunk, chunkCount }] of this.members.entries())
      this.#reducers.fill(i, firstChunk, firstChunk + chunkCount);
  }

  get members(): readonly RosterMember[] {
    return this.roster.members;
  }

  get weights(): readonly number[] {
    return this.members.map((member) => member.weight);
  }

  reducerOf(chunk: number): number {
    return this.#reducers[chunk]!;
  }

  indexOf(hotkey: Ss58): number | null {
    const at = this.members.findIndex((member) => member.hotkey === hotkey);
    return at < 0 ? null : at;
  }

  /** Chunks of a member's own part. */
  *part(index: number): Generator<number> {
    const { firstChunk, chunkCount } = this.members[index]!;
    for (let i = 0; i < chunkCount; i++) yield firstChunk + i;
  }

  /** Bytes of a member's encoded chunk. */
  chunkBytes(index: number, chunk: number): number {
    return chunkLength(this.grid, chunk) * bytesPerValue(this.members[index]!.codec);
  }

  resultBytes(chunk: number): number {
    return chunkLength(this.grid, chunk) * 2;
  }

  /** Whether these contributors suffice for a result. One alone never does. */
  isQuorum(contributors: bigint): boolean {
    const counting = this.members.filter((member) => member.weight > 0).length;
    const present = membersOf(contributors).length;
    if (present < 2) return false;
    if (counting <= SMALL_GROUP && present >= counting - 1) return true;
    const total = this.weights.reduce((sum, weight) => sum + weight, 0);
    return weightOf(contributors, this.weights) >= total * this.reduce.quorumShare;
  }
}

/** First four bytes of a roster digest. */
export const tagOf = (rosterDigest: Hex): number =>
  Buffer.from(rosterDigest.slice(0, 8), 'hex').readUInt32LE();

function rosterFault({ members }: Roster, chunks: number): string | null {
  if (new Set(members.map((member) => member.hotkey)).size !== members.length) return 'a member twice';
  if (!members.every(({ firstChunk, chunkCount }) => firstChunk + chunkCount <= chunks))
    return 'parts too long';
  if (!partsCover(chunks, members)) return 'parts do not cover the model';
  return null;
}
