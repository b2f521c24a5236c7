import { BLOCK_HASH_COUNT, HISTORY_BLOCKS } from '../limits.ts';
import type { Block } from './header.ts';

/** The chain's blocks from its beginning: bodies of the last HISTORY_BLOCKS, hashes of the last BLOCK_HASH_COUNT. */
export class Blocks {
  readonly #bodies = new Map<number, Block>();
  readonly #hashes = new Map<number, string>();
  readonly #numbers = new Map<string, number>();
  #head: Block;

  constructor(genesis: Block) {
    this.#head = genesis;
  }

  get head(): Block {
    return this.#head;
  }

  get headNumber(): number {
    return this.#head.header.number;
  }

  get hashes(): readonly (readonly [number, string])[] {
    return [...this.#hashes];
  }

  hashOf(number: number): string | null {
    return this.#hashes.get(number) ?? null;
  }

  numberOf(hash: string): number | null {
    return this.#numbers.get(hash) ?? null;
  }

  body(number: number): Block | null {
    return this.#bodies.get(number) ?? null;
  }

  /** The next head. */
  place(block: Block): void {
    const { number } = block.header;
    this.#head = block;
    this.#bodies.set(number, block);
    this.#bodies.delete(number - HISTORY_BLOCKS);
    this.remember(number, block.hash);
  }

  /** A block of which nothing but its hash is known any more. */
  remember(number: number, hash: string): void {
    this.#hashes.set(number, hash);
    this.#numbers.set(hash, number);
    // Genesis stays: clients ask for it whenever they connect.
    const old = number - BLOCK_HASH_COUNT;
    if (old > 0) this.#forget(old);
  }

  /** Makes the block before the head the head again. */
  takeBack(parent: Block): void {
    this.#bodies.delete(this.headNumber);
    this.#forget(this.headNumber);
    this.#head = parent;
  }

  #forget(number: number): void {
    const hash = this.#hashes.get(number);
    if (hash !== undefined) this.#numbers.delete(hash);
    this.#hashes.delete(number);
  }
}
