import type { Runtime } from '../runtime/runtime.ts';
import { CODE_KEY, type Runtimes } from '../runtime/runtimes.ts';
import type { Store } from '../runtime/store.ts';
import { systemStorage } from '../runtime/system.ts';
import type { History } from './history.ts';

/** The state at each block that is kept, raw and by the runtime that the state itself names. */
export class States {
  readonly #history: History;
  readonly #runtimes: Runtimes;

  constructor(history: History, runtimes: Runtimes) {
    this.#history = history;
    this.#runtimes = runtimes;
  }

  /** The oldest block whose state can be read. */
  get oldest(): number {
    return this.#history.oldest;
  }

  /** How many values are held for all blocks together; bounded by the history that is kept. */
  get heldValues(): number {
    return this.#history.size;
  }

  /** By it the state of this block is read, and the block after it is built. */
  runtimeAt(block: number): Runtime {
    return this.#runtimes.byCode(this.#history.at(CODE_KEY, block));
  }

  read(key: string, block: number): Uint8Array | null {
    return key === CODE_KEY ? this.runtimeAt(block).code : this.#history.at(key, block);
  }

  keys(prefix: string, block: number): string[] {
    const found = this.#history.keys(prefix, block);
    return CODE_KEY.startsWith(prefix) && !found.includes(CODE_KEY) ? [...found, CODE_KEY].sort() : found;
  }

  /** Typed view of the state at a block; writes go nowhere. */
  storeAt(block: number): Store {
    return this.runtimeAt(block).store({
      read: (key) => this.#history.at(key, block),
      write: () => {},
      keys: (prefix) => this.#history.keys(prefix, block),
    });
  }

  nonceAt(account: string, block: number): number {
    return this.storeAt(block).get(systemStorage.Account, account).nonce;
  }
}
