import { noContributors, withMember } from '../../../src-shared/reduce/bitmap.ts';
import { chunkLength } from '../../../src-shared/reduce/chunks.ts';
import { decodeValues, sumOfSquares } from '../../../src-shared/reduce/fp16.ts';
import { withinNorm } from '../../../src-shared/reduce/norms.ts';
import { ChunkSum } from '../../../src-shared/reduce/sum.ts';
import type { SignEd25519 } from '../../../src-shared/rounds/signed.ts';
import type { Contribution } from './contribution.ts';
import type { SignedResult } from './frames.ts';
import type { RoundPlan } from './plan.ts';
import { signResult } from './results.ts';

/** Why a sender's values are no longer taken in this round. */
export type SenderFault = 'length' | 'values' | 'norm';

interface OpenChunk {
  sum: ChunkSum | null;
  contributors: bigint;
  softTimer: NodeJS.Timeout | null;
}

/**
 * The chunks that this member reduces. A chunk closes when all senders still expected are in, or when quorum is in
 * and the soft deadline has passed since. Its sum exists from the first sender's values to its close; this member's
 * own values are read and added at the close, so memory follows what is under way and not the whole part.
 */
export class OwnPart {
  readonly #plan: RoundPlan;
  readonly #contribution: Contribution | null;
  readonly #sign: SignEd25519;
  readonly #isExpected: (member: number) => boolean;
  readonly #onResult: (chunk: number, result: SignedResult) => Promise<void>;
  readonly #onNone: (chunk: number) => Promise<void>;
  readonly #open = new Map<number, OpenChunk>();
  readonly #squares: number[];
  readonly #closing = new Set<Promise<void>>();

  constructor(init: {
    readonly plan: RoundPlan;
    readonly contribution: Contribution | null;
    readonly sign: SignEd25519;
    /** Whether values of that member may still come. */
    readonly isExpected: (member: number) => boolean;
    readonly onResult: (chunk: number, result: SignedResult) => Promise<void>;
    readonly onNone: (chunk: number) => Promise<void>;
    /** Own chunks of which nothing was said before. */
    readonly chunks: Iterable<number>;
  }) {
    this.#plan = init.plan;
    this.#contribution = init.contribution;
    this.#sign = init.sign;
    this.#isExpected = init.isExpected;
    this.#onResult = init.onResult;
    this.#onNone = init.onNone;
    this.#squares = init.plan.members.map(() => 0);
    for (const chunk of init.chunks)
      this.#open.set(chunk, { sum: null, contributors: noContributors, softTimer: null });
  }

  /**
   * Adds a sender's chunk whose bytes have been checked against its leaf. What comes twice or too late is ignored.
   * @returns why this sender's values must not be taken any more, or null
   */
  add(member: number, chunk: number, bytes: Uint8Array): SenderFault | null {
    const open = this.#open.get(chunk);
    const entry = this.#plan.members[member]!;
    const bit = withMember(noContributors, member);
    if (!open || entry.weight === 0 || (open.contributors & bit) !== 0n) return null;
    if (bytes.length !== this.#plan.chunkBytes(member, chunk)) return 'length';
    const values = decodeValues(entry.codec, bytes, this.#plan.codec);
    if (!values) return 'values';
    const squares = this.#squares[member]! + sumOfSquares(values);
    if (!withinNorm(squares, entry.norm)) return 'norm';
    this.#squares[member] = squares;
    open.sum ??= new ChunkSum(values.length);
    open.sum.add(values, entry.weight, entry.clipExponent);
    open.contributors |= bit;
    this.#consider(chunk, open);
    return null;
  }

  /** Somebody left or was dropped: chunks may close now that waited for it. */
  reconsider(): void {
    for (const [chunk, open] of this.#open) this.#consider(chunk, open);
  }

  /** Time is up: what has quorum closes, the rest has no result. Resolves when the last close is written. */
  async giveUp(): Promise<void> {
    for (const [chunk, open] of this.#open) {
      if (this.#plan.isQuorum(this.#withSelf(open))) this.#close(chunk, open);
      else this.#drop(chunk, open);
    }
    await Promise.all(this.#closing);
  }

  /** Drops what is open without telling anybody. */
  stop(): void {
    for (const open of this.#open.values()) if (open.softTimer) clearTimeout(open.softTimer);
    this.#open.clear();
  }

  #consider(chunk: number, open: OpenChunk): void {
    const present = this.#withSelf(open);
    if (!this.#plan.isQuorum(present)) return;
    const lagging = this.#plan.members.some(
      ({ weight }, i) => weight > 0 && i !== this.#plan.self && !has(present, i) && this.#isExpected(i),
    );
    if (!lagging) this.#close(chunk, open);
    else open.softTimer ??= setTimeout(() => this.#close(chunk, open), this.#plan.reduce.softDeadlineMs);
  }

  // This member's own values count as present from the start: they lie in the spool.
  #withSelf(open: OpenChunk): bigint {
    return this.#contribution && this.#plan.self !== null
      ? withMember(open.contributors, this.#plan.self)
      : open.contributors;
  }

  #close(chunk: number, open: OpenChunk): void {
    if (!this.#open.delete(chunk)) return;
    if (open.softTimer) clearTimeout(open.softTimer);
    this.#track(this.#finish(chunk, open));
  }

  #drop(chunk: number, open: OpenChunk): void {
    if (open.softTimer) clearTimeout(open.softTimer);
    this.#open.delete(chunk);
    this.#track(this.#onNone(chunk));
  }

  /** What cannot be written down is not said: the others do without this chunk or find it elsewhere. */
  #track(work: Promise<void>): void {
    const closing = work.catch(() => {}).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  async #finish(chunk: number, open: OpenChunk): Promise<void> {
    const sum = open.sum ?? new ChunkSum(chunkLength(this.#plan.grid, chunk));
    const contributors = (await this.#addOwn(chunk, sum)) ? this.#withSelf(open) : open.contributors;
    if (!this.#plan.isQuorum(contributors)) return this.#onNone(chunk);
    const values = sum.result(this.#plan.codec);
    const result = signResult(this.#plan, chunk, { contributors, divisor: sum.divisor, values }, this.#sign);
    await this.#onResult(chunk, result);
  }

  /** @returns false when the own values cannot be used: a broken disk must not spoil the others' sum */
  async #addOwn(chunk: number, sum: ChunkSum): Promise<boolean> {
    const { self } = this.#plan;
    if (!this.#contribution || self === null) return false;
    const entry = this.#plan.members[self]!;
    const bytes = await this.#contribution.readChunk(chunk).catch(() => null);
    const values = bytes && decodeValues(entry.codec, bytes, this.#plan.codec);
    if (!values) return false;
    sum.add(values, entry.weight, entry.clipExponent);
    return true;
  }
}

const has = (set: bigint, index: number): boolean => ((set >> BigInt(index)) & 1n) === 1n;
