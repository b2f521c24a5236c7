import { type Contributors, hasMember, noContributors, withMember } from './bitmap.ts';

interface OpenChunk {
  readonly closesAtMs: number;
  /** Whose values are in, the reducer's own aside. */
  contributors: Contributors;
  /** Members that said that they will not send it. */
  passed: Contributors;
}

/** What closing asks of a round, of the member that reduces, and of what it knows of the others. */
export interface ClosingKnown {
  /** Roster index of the member that reduces. */
  readonly self: number;
  /** Of all members, in roster order. */
  readonly weights: readonly number[];
  /** Whether this member's own values are there to be added: they count as present from the start. */
  readonly hasOwn: boolean;
  isQuorum(contributors: Contributors): boolean;
  /** Whether values of that member may still come for that chunk. */
  isExpected(member: number, chunk: number): boolean;
}

/**
 * Which chunks a reducer or standby has open, who is in each, and when one closes (ROUNDS section 5): when all who are
 * still expected are in and suffice, at the latest at its time with whoever is in. It knows no bytes and no timer.
 */
export class OpenChunks {
  readonly #known: ClosingKnown;
  /** In the order of their closing times. */
  readonly #open = new Map<number, OpenChunk>();

  constructor(known: ClosingKnown) {
    this.#known = known;
  }

  /** Chunks must come in the order of their closing times. */
  start(chunk: number, closesAtMs: number): void {
    this.#open.set(chunk, { closesAtMs, contributors: noContributors, passed: noContributors });
  }

  get size(): number {
    return this.#open.size;
  }

  has(chunk: number): boolean {
    return this.#open.has(chunk);
  }

  /** Those that are open, in the order of their closing times. */
  chunks(): Iterable<number> {
    return this.#open.keys();
  }

  /** When the first of them closes at the latest, in ms after time zero; null when none is open. */
  get firstClosesAtMs(): number | null {
    const [first] = this.#open.values();
    return first?.closesAtMs ?? null;
  }

  /** Whether that member's values of an open chunk are still of use: once, and by weight. */
  wants(chunk: number, member: number): boolean {
    const open = this.#open.get(chunk);
    return !!open && this.#known.weights[member]! > 0 && !hasMember(open.contributors, member);
  }

  /** That member's values are in. */
  add(chunk: number, member: number): void {
    const open = this.#open.get(chunk);
    if (open) open.contributors = withMember(open.contributors, member);
  }

  /** A member will not send that chunk. */
  pass(chunk: number, member: number): void {
    const open = this.#open.get(chunk);
    if (open) open.passed = withMember(open.passed, member);
  }

  /** Without a quorum it is waited for to the end: who was lost may come back. */
  mayClose(chunk: number): boolean {
    const open = this.#open.get(chunk);
    if (!open) return false;
    const present = this.#present(open);
    return this.#known.isQuorum(present) && !this.#isLagging(chunk, open, present);
  }

  /** Those whose time has come. */
  due(nowMs: number): number[] {
    const chunks: number[] = [];
    for (const [chunk, { closesAtMs }] of this.#open) {
      if (closesAtMs > nowMs) break;
      chunks.push(chunk);
    }
    return chunks;
  }

  /** It is open no more. @returns who is in, with the reducer itself where it has values, and without */
  close(chunk: number): { readonly present: Contributors; readonly others: Contributors } {
    const open = this.#open.get(chunk);
    this.#open.delete(chunk);
    return open
      ? { present: this.#present(open), others: open.contributors }
      : { present: noContributors, others: noContributors };
  }

  clear(): void {
    this.#open.clear();
  }

  #present({ contributors }: OpenChunk): Contributors {
    return this.#known.hasOwn ? withMember(contributors, this.#known.self) : contributors;
  }

  #isLagging(chunk: number, { passed }: OpenChunk, present: Contributors): boolean {
    const { weights, self, isExpected } = this.#known;
    const settled = present | passed;
    return weights.some(
      (weight, i) => weight > 0 && i !== self && !hasMember(settled, i) && isExpected(i, chunk),
    );
  }
}
