import { sha256 } from '../../../src-node/sha256.ts';
import { ChunkCoder } from '../../../src-shared/codec/chunk-coder.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import type { ChunkGrid } from '../../../src-shared/reduce/chunks.ts';
import { partsCover } from '../../../src-shared/reduce/parts.ts';
import { hasQuorum } from '../../../src-shared/reduce/quorum.ts';
import { standbyOf } from '../../../src-shared/reduce/standby.ts';
import { closesAtMs, type ExchangeTimes, exchangeTimes } from '../../../src-shared/rounds/exchange-times.ts';
import type { Roster, RosterMember } from '../../../src-shared/rounds/messages.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';

/** Index beyond every roster's. */
const NOBODY = 255;

/** A roster made ready for use: who reduces which chunk, and what a result must have. Indexes are roster positions. */
export class RoundPlan {
  readonly roster: Roster;
  readonly rosterDigest: Hex;
  readonly grid: ChunkGrid;
  readonly coder: ChunkCoder;
  /** Share of all elements that a list of results must cover. */
  readonly commitShare: number;
  /** At the chain's present pace. */
  readonly times: ExchangeTimes;
  /** Roster position of this member; null for one that only receives. */
  readonly self: number | null;
  /** Of all members, in roster order. */
  readonly weights: readonly number[];
  /** First four bytes of the roster digest: stands in every frame. */
  readonly tag: number;
  readonly #reducers: Uint8Array;
  readonly #standbys: Uint8Array;

  /** @throws {AppError} ROSTER_INVALID */
  constructor(init: {
    readonly roster: Roster;
    readonly rosterDigest: Hex;
    readonly grid: ChunkGrid;
    readonly consensus: Consensus;
    readonly hotkey: Ss58;
    readonly slowdown: number;
    /** Of the round's first block: draws the standbys. */
    readonly blockHash: Hex;
    /** Another one than the profile's. */
    readonly coder?: ChunkCoder;
  }) {
    this.roster = init.roster;
    this.rosterDigest = init.rosterDigest;
    this.grid = init.grid;
    this.commitShare = init.consensus.reduce.commitShare;
    this.weights = init.roster.members.map(({ weight }) => weight);
    this.coder = init.coder ?? new ChunkCoder(init.grid, init.consensus);
    this.times = exchangeTimes(init.slowdown, init.consensus);
    this.tag = tagOf(init.rosterDigest);
    const fault = rosterFault(init.roster, init.grid.chunks);
    if (fault) throw new AppError('ROSTER_INVALID', { round: init.roster.round, reason: fault });
    const at = this.members.findIndex((member) => member.hotkey === init.hotkey);
    this.self = at < 0 ? null : at;
    this.#reducers = new Uint8Array(init.grid.chunks);
    for (const [i, { firstChunk, chunkCount }] of this.members.entries())
      this.#reducers.fill(i, firstChunk, firstChunk + chunkCount);
    this.#standbys = this.#reducers.map((reducer, chunk) => {
      const at = { blockHash: init.blockHash, chunk, reducer };
      return standbyOf(at, this.members, sha256) ?? NOBODY;
    });
  }

  get members(): readonly RosterMember[] {
    return this.roster.members;
  }

  reducerOf(chunk: number): number {
    return this.#reducers[chunk]!;
  }

  /** Who answers for a chunk that has no result after the main share; null where there is no other reducer. */
  standbyOf(chunk: number): number | null {
    const standby = this.#standbys[chunk]!;
    return standby === NOBODY ? null : standby;
  }

  /** Whether this member stands by for a chunk; never where it only receives. */
  isOwnStandby(chunk: number): boolean {
    return this.self !== null && this.standbyOf(chunk) === this.self;
  }

  /** Which chunk of its reducer's part this is, from 0. */
  placeOf(chunk: number): number {
    return chunk - this.members[this.reducerOf(chunk)]!.firstChunk;
  }

  /** When its reducer closes a chunk at the latest, in ms after time zero. */
  closesAtMs(chunk: number): number {
    return closesAtMs(this.times, this.placeOf(chunk), this.members[this.reducerOf(chunk)]!.chunkCount);
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
    return this.coder.bytes(this.members[index]!.codec, chunk);
  }

  /** Bytes of a chunk's encoded result at most. */
  resultMaxBytes(chunk: number): number {
    return this.coder.resultMaxBytes(chunk);
  }

  /** Whether these suffice for a result of that signer. */
  isQuorum(contributors: bigint, signer: number): boolean {
    return hasQuorum(contributors, signer, this.weights);
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
