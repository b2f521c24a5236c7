import type { RawState } from '../runtime/store.ts';

type Changes = Map<string, Uint8Array | null>;

/** Writes over a state that stays untouched, in layers: the top one can be kept or thrown away. */
export class Overlay implements RawState {
  readonly #below: (key: string) => Uint8Array | null;
  readonly #keysBelow: (prefix: string) => readonly string[];
  readonly #layers: Changes[] = [new Map()];

  constructor(
    below: (key: string) => Uint8Array | null,
    keysBelow: (prefix: string) => readonly string[] = () => [],
  ) {
    this.#below = below;
    this.#keysBelow = keysBelow;
  }

  read(key: string): Uint8Array | null {
    for (let i = this.#layers.length - 1; i >= 0; i--) {
      const value = this.#layers[i]?.get(key);
      if (value !== undefined) return value;
    }
    return this.#below(key);
  }

  /** Keys that begin so and hold something, sorted. Every key of the state is looked at: for what happens seldom. */
  keys(prefix: string): string[] {
    const found = new Set(this.#keysBelow(prefix));
    for (const layer of this.#layers)
      for (const key of layer.keys()) if (key.startsWith(prefix)) found.add(key);
    return [...found].filter((key) => this.read(key) !== null).sort();
  }

  write(key: string, value: Uint8Array | null): void {
    this.#layers.at(-1)?.set(key, value);
  }

  push(): void {
    this.#layers.push(new Map());
  }

  /** Merges the top layer into the one below it. */
  keep(): void {
    const top = this.#layers.pop();
    for (const [key, value] of top ?? []) this.write(key, value);
  }

  discard(): void {
    this.#layers.pop();
  }

  /** All that was written, sorted by key; what equals the state below is left out. */
  changes(): [key: string, value: Uint8Array | null][] {
    const written = [...(this.#layers[0] ?? [])];
    const isNews = ([key, value]: [string, Uint8Array | null]) => !isSame(this.#below(key), value);
    return written.filter(isNews).sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return Buffer.compare(a, b) === 0;
}
