import type { Blocks } from './blocks.ts';
import type { Extrinsic } from './extrinsic.ts';
import type { Block } from './header.ts';
import type { Transactions } from './transactions.ts';

/** A transaction in a block that is not final yet. */
interface Included {
  readonly number: number;
  readonly extrinsic: Extrinsic;
}

/** Which blocks are final, and what became of the transactions in those that are not. */
export class Finality {
  readonly #blocks: Blocks;
  readonly #transactions: Transactions;
  readonly #lag: number;
  #included: readonly Included[] = [];
  #number = 0;
  #isHeld = false;

  /** @param lag blocks between the head and the newest final one */
  constructor(blocks: Blocks, transactions: Transactions, lag: number) {
    this.#blocks = blocks;
    this.#transactions = transactions;
    this.#lag = lag;
  }

  /** Of the newest final block. */
  get number(): number {
    return this.#number;
  }

  /** A chain that goes on: nobody is told of what was final before. */
  goOn(): void {
    this.#number = Math.max(0, this.#blocks.headNumber - this.#lag);
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
  }

  include(number: number, extrinsic: Extrinsic): void {
    this.#included = [...this.#included, { number, extrinsic }];
  }

  /** @returns what was included above this block, the oldest first; from now on it is in none */
  takeBack(to: number): readonly Included[] {
    const gone = this.#included.filter(({ number }) => number > to);
    this.#included = this.#included.filter(({ number }) => number <= to);
    return gone;
  }

  /** Blocks that are final now, told in their order, and then the transactions in them. */
  advance(told: (block: Block) => void): void {
    if (this.#isHeld) return;
    while (this.#number < this.#blocks.headNumber - this.#lag) {
      const block = this.#blocks.body(++this.#number);
      // After a stall longer than the history its bodies are gone.
      if (block) told(block);
    }
    const final = this.#included.filter(({ number }) => number <= this.#number);
    this.#included = this.#included.filter(({ number }) => number > this.#number);
    for (const { number, extrinsic } of final)
      this.#transactions.tell(extrinsic.hash, { finalized: this.#blocks.hashOf(number) ?? '' });
  }
}
