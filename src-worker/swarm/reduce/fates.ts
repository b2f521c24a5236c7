import type { RoundPlan } from './plan.ts';

const REDUCER_RESULT = 1;
const REDUCER_NONE = 2;
const STANDBY_RESULT = 4;
const STANDBY_NONE = 8;
const RESULT = REDUCER_RESULT | STANDBY_RESULT;

/**
 * What became of each chunk, as far as this member knows: a result, or the word of its reducer or its standby that
 * there is none. A chunk is settled with a result or with both words. A standby owes nothing where the reducer gave a
 * result; a reducer that is late is still waited for where its standby gave one, for its own is what counts. Who says
 * two things is remembered; it decides nothing.
 */
export class Fates {
  readonly #plan: RoundPlan;
  readonly #flags: Uint8Array;
  /** Answers that each member owes, as reducer and as standby. */
  readonly #owed: number[];
  readonly #contradicted = new Map<number, Set<number>>();

  constructor(plan: RoundPlan) {
    this.#plan = plan;
    this.#flags = new Uint8Array(plan.grid.chunks);
    this.#owed = plan.members.map(({ chunkCount }) => chunkCount);
    for (let chunk = 0; chunk < plan.grid.chunks; chunk++) this.#count(plan.standbyOf(chunk), 1);
  }

  isSettled(chunk: number): boolean {
    const flags = this.#flags[chunk]!;
    if (flags & RESULT) return true;
    return (
      (flags & REDUCER_NONE) !== 0 && (this.#plan.standbyOf(chunk) === null || (flags & STANDBY_NONE) !== 0)
    );
  }

  /** Whether its reducer need not hear of it any more. */
  isReduced(chunk: number): boolean {
    return (this.#flags[chunk]! & (RESULT | REDUCER_NONE)) !== 0;
  }

  saidNone(chunk: number, signer: number): boolean {
    return (this.#flags[chunk]! & this.#noneOf(chunk, signer)) !== 0;
  }

  /** Answers that a member still owes. */
  owedBy(member: number): number {
    return this.#owed[member]!;
  }

  /** Whether an answer may still come that settles something. */
  waitsFor(mayAnswer: (member: number) => boolean): boolean {
    return this.#owed.some((count, member) => count > 0 && mayAnswer(member));
  }

  result(chunk: number, signer: number): void {
    const flags = this.#flags[chunk]!;
    const isReducer = signer === this.#plan.reducerOf(chunk);
    if (isReducer && !(flags & (REDUCER_RESULT | REDUCER_NONE))) this.#count(signer, -1);
    this.#standbySaid(chunk, isReducer ? REDUCER_RESULT : STANDBY_RESULT);
  }

  none(chunk: number, signer: number): void {
    const flags = this.#flags[chunk]!;
    if (signer === this.#plan.reducerOf(chunk)) {
      if (!(flags & (REDUCER_RESULT | REDUCER_NONE))) this.#count(signer, -1);
      this.#flags[chunk] = flags | REDUCER_NONE;
    } else this.#standbySaid(chunk, STANDBY_NONE);
  }

  /** Two answers of one signer for one chunk. */
  contradicts(chunk: number, signer: number): void {
    const chunks = this.#contradicted.get(signer) ?? new Set();
    this.#contradicted.set(signer, chunks.add(chunk));
  }

  /** Chunks for which a member gave two answers. */
  contradictedBy(member: number): ReadonlySet<number> {
    return this.#contradicted.get(member) ?? new Set();
  }

  /** The standby answered, or need not any more. */
  #standbySaid(chunk: number, said: number): void {
    const flags = this.#flags[chunk]!;
    const isOwed = !(flags & (REDUCER_RESULT | STANDBY_RESULT | STANDBY_NONE));
    if (isOwed) this.#count(this.#plan.standbyOf(chunk), -1);
    this.#flags[chunk] = flags | said;
  }

  #noneOf(chunk: number, signer: number): number {
    return signer === this.#plan.reducerOf(chunk) ? REDUCER_NONE : STANDBY_NONE;
  }

  #count(member: number | null, change: number): void {
    if (member !== null) this.#owed[member]! += change;
  }
}
