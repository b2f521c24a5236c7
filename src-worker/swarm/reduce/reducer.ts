import { sha256 } from '../../../src-node/sha256.ts';
import type { Contributors } from '../../../src-shared/reduce/bitmap.ts';
import { chunkLength } from '../../../src-shared/reduce/chunks.ts';
import { equalBytes } from '../../../src-shared/reduce/merkle.ts';
import { sumOfSquares, withinNorm } from '../../../src-shared/reduce/norms.ts';
import { OpenChunks } from '../../../src-shared/reduce/open-chunks.ts';
import type { ChunkSum } from '../../../src-shared/reduce/sum.ts';
import type { SignEd25519 } from '../../../src-shared/rounds/signed.ts';
import type { Contribution } from './contribution.ts';
import type { SignedResult } from './frames.ts';
import type { RoundPlan } from './plan.ts';
import { signResult } from './results.ts';
import type { RoundClock } from './round-clock.ts';

/** Why a sender's values are no longer taken in this round. */
export type SenderFault = 'length' | 'values' | 'norm' | 'window';

export interface ReducerInit {
  readonly plan: RoundPlan;
  readonly clock: RoundClock;
  readonly contribution: Contribution | null;
  readonly sign: SignEd25519;
  /** Whether values of that member may still come for that chunk. */
  readonly isExpected: (member: number, chunk: number) => boolean;
  /** Takes the answer for a chunk, null for none. Until it resolves nothing of it was said. */
  readonly answer: (chunk: number, result: SignedResult | null) => Promise<void>;
}

/**
 * The chunks that this member reduces: of its own part, and later of those for which it is the standby. A chunk closes
 * when all who are still expected are in, or at its time with whoever is in; below quorum it has no result. Its sum
 * exists from the first sender's values to its close; this member's own values are read and added at the close.
 */
export class Reducer {
  readonly #init: ReducerInit;
  readonly #plan: RoundPlan;
  readonly #open: OpenChunks;
  /** From the first sender's values of a chunk to its close. */
  readonly #sums = new Map<number, ChunkSum>();
  /** Of closed chunks, for those that open next. */
  readonly #spare: ChunkSum[] = [];
  readonly #squares: number[];
  readonly #closing = new Set<Promise<void>>();
  #cancelTimer = () => {};
  #isStopped = false;

  constructor(init: ReducerInit) {
    const { plan, contribution, isExpected } = init;
    this.#init = init;
    this.#plan = plan;
    this.#open = new OpenChunks({
      ...{ weights: plan.weights, isExpected, hasOwn: contribution !== null && plan.self !== null },
      // Who is not in the roster opens none.
      self: plan.self ?? plan.members.length,
      isQuorum: (contributors) => this.#isQuorum(contributors),
    });
    this.#squares = plan.members.map(() => 0);
  }

  /** Chunks must come in the order of their closing times. */
  start(chunk: number, closesAtMs: number): void {
    this.#open.start(chunk, closesAtMs);
    if (this.#open.size === 1) this.#arm();
    this.#consider(chunk);
  }

  isOpen(chunk: number): boolean {
    return this.#open.has(chunk);
  }

  /** The first own chunk that is open, in chunks of the part; its length when none is. */
  get firstOpenPlace(): number {
    const { self } = this.#plan;
    if (self === null) return 0;
    for (const chunk of this.#open.chunks())
      if (this.#plan.reducerOf(chunk) === self) return this.#plan.placeOf(chunk);
    return this.#plan.members[self]!.chunkCount;
  }

  /**
   * Adds a sender's chunk whose bytes have been checked against its leaf. What comes twice or too late is ignored.
   * @returns why this sender's values must not be taken any more, or null
   */
  add(member: number, chunk: number, bytes: Uint8Array): SenderFault | null {
    if (!this.#open.wants(chunk, member)) return null;
    const entry = this.#plan.members[member]!;
    if (bytes.length !== this.#plan.chunkBytes(member, chunk)) return 'length';
    const values = this.#plan.coder.peek(entry.codec, chunk, bytes);
    if (!values) return 'values';
    const squares = this.#squares[member]! + sumOfSquares(values);
    if (!withinNorm(squares, entry.norm)) return 'norm';
    this.#squares[member] = squares;
    const sum = this.#sums.get(chunk) ?? this.#sumOf(chunk);
    this.#sums.set(chunk, sum);
    sum.add(values, entry.weight, entry.clipExponent);
    this.#open.add(chunk, member);
    this.#consider(chunk);
    return null;
  }

  /** A member will not send that chunk. */
  pass(member: number, chunk: number): void {
    this.#open.pass(chunk, member);
    this.#consider(chunk);
  }

  /** Somebody left or was dropped: chunks may close now that waited for it. */
  reconsider(): void {
    for (const chunk of this.#open.chunks()) this.#consider(chunk);
  }

  /** Its answer came from elsewhere. */
  drop(chunk: number): void {
    this.#open.close(chunk);
    this.#sums.delete(chunk);
  }

  /** Resolves when the last answer that has begun is written. */
  async settled(): Promise<void> {
    await Promise.all(this.#closing);
  }

  /** Drops what is open without telling anybody, and what was kept for it: results are read for rounds to come. */
  stop(): void {
    this.#cancelTimer();
    this.#open.clear();
    this.#sums.clear();
    this.#spare.length = 0;
    this.#isStopped = true;
  }

  #arm(): void {
    this.#cancelTimer();
    const firstMs = this.#open.firstClosesAtMs;
    if (firstMs !== null) this.#cancelTimer = this.#init.clock.at(firstMs, () => this.#closeDue());
  }

  #closeDue(): void {
    for (const chunk of this.#open.due(this.#init.clock.nowMs + 1)) this.#close(chunk);
    this.#arm();
  }

  #consider(chunk: number): void {
    if (this.#open.mayClose(chunk)) this.#close(chunk);
  }

  #isQuorum(contributors: Contributors): boolean {
    return this.#plan.self !== null && this.#plan.isQuorum(contributors, this.#plan.self);
  }

  #close(chunk: number): void {
    const sum = this.#sums.get(chunk) ?? null;
    this.#sums.delete(chunk);
    // What cannot be written down is not said: the others do without this chunk or find it elsewhere.
    const closing = this.#finish(chunk, sum, this.#open.close(chunk))
      .catch(() => {})
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  async #finish(
    chunk: number,
    taken: ChunkSum | null,
    { present, others }: ReturnType<OpenChunks['close']>,
  ): Promise<void> {
    const { answer, sign } = this.#init;
    if (!this.#isQuorum(present)) return answer(chunk, null);
    const sum = taken ?? this.#sumOf(chunk);
    const contributors = (await this.#addOwn(chunk, sum)) ? present : others;
    if (!this.#isQuorum(contributors)) return answer(chunk, null);
    const values = sum.result((exact, divisor) => this.#plan.coder.encodeResult(exact, divisor));
    const { divisor } = sum;
    if (!this.#isStopped) this.#spare.push(sum);
    await answer(chunk, signResult(this.#plan, chunk, { contributors, divisor, values }, sign));
  }

  #sumOf(chunk: number): ChunkSum {
    const length = chunkLength(this.#plan.grid, chunk);
    const sum = this.#spare.pop();
    if (sum?.length !== length) return this.#plan.coder.newSum(length);
    sum.clear();
    return sum;
  }

  /** @returns false when the own values cannot be used: a broken disk must not spoil the others' sum */
  async #addOwn(chunk: number, sum: ChunkSum): Promise<boolean> {
    const { contribution } = this.#init;
    const { self } = this.#plan;
    if (!contribution || self === null) return false;
    const entry = this.#plan.members[self]!;
    const bytes = await contribution.readChunk(chunk).catch(() => null);
    // What the disk spoilt is not what was announced: a sum of it would be a lie that everybody can show.
    if (!bytes || !equalBytes(sha256(bytes), contribution.leaves[chunk]!)) return false;
    const values = this.#plan.coder.peek(entry.codec, chunk, bytes);
    if (!values) return false;
    sum.add(values, entry.weight, entry.clipExponent);
    return true;
  }
}
