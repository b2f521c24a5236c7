import { HISTORY_BLOCKS } from '../limits.ts';

type Version = readonly [block: number, value: Uint8Array | null];
export type Change = readonly [key: string, value: Uint8Array | null];

/** State at every block of the last HISTORY_BLOCKS: each key with its values by block, newest last. */
export class History {
  readonly #versions = new Map<string, Version[]>();
  readonly #changed = new Map<number, string[]>();
  #head = -1;
  #oldest = 0;

  /** The oldest block whose state can be read. */
  get oldest(): number {
    return this.#oldest;
  }

  /** Starts from a full state instead of genesis. */
  load(block: number, state: Iterable<Change>): void {
    this.#oldest = block;
    this.apply(block, state);
  }

  apply(block: number, changes: Iterable<Change>): void {
    const keys: string[] = [];
    for (const [key, value] of changes) {
      const versions = this.#versions.get(key);
      if (versions) versions.push([block, value]);
      else this.#versions.set(key, [[block, value]]);
      keys.push(key);
    }
    this.#changed.set(block, keys);
    this.#head = block;
    while (this.#oldest < block - HISTORY_BLOCKS + 1) this.#forget(++this.#oldest);
  }

  /** Forgets all blocks above this one, which must be among those kept. @returns the keys that changed in them */
  revert(block: number): ReadonlySet<string> {
    const reverted = new Set<string>();
    for (let gone = this.#head; gone > block; gone--) {
      for (const key of this.#changed.get(gone) ?? []) {
        const versions = this.#versions.get(key);
        while (versions?.length && (versions.at(-1)?.[0] ?? block) > block) versions.pop();
        if (versions?.length === 0) this.#versions.delete(key);
        reverted.add(key);
      }
      this.#changed.delete(gone);
    }
    this.#head = block;
    return reverted;
  }

  at(key: string, block: number): Uint8Array | null {
    const versions = this.#versions.get(key);
    if (!versions) return null;
    for (let i = versions.length - 1; i >= 0; i--) {
      const version = versions[i];
      if (version && version[0] <= block) return version[1];
    }
    return null;
  }

  /** Keys present at a block that start with a prefix, sorted. */
  keys(prefix: string, block: number): string[] {
    const found: string[] = [];
    for (const key of this.#versions.keys())
      if (key.startsWith(prefix) && this.at(key, block) !== null) found.push(key);
    return found.sort();
  }

  /** The whole state at the head. */
  *head(): Iterable<Change> {
    for (const key of this.#versions.keys()) {
      const value = this.at(key, this.#head);
      if (value !== null) yield [key, value];
    }
  }

  get size(): number {
    let count = 0;
    for (const versions of this.#versions.values()) count += versions.length;
    return count;
  }

  /** Drops what only blocks before `oldest` can see: values that a change at `oldest` replaced. */
  #forget(oldest: number): void {
    for (const key of this.#changed.get(oldest) ?? []) {
      const versions = this.#versions.get(key) ?? [];
      const kept = versions.slice(versions.findLastIndex(([block]) => block <= oldest));
      if (kept.length === 1 && kept[0]?.[1] === null) this.#versions.delete(key);
      else this.#versions.set(key, kept);
    }
    this.#changed.delete(oldest);
    this.#changed.delete(oldest - 1);
  }
}
