import { RATE_OVER_MS } from './limits.ts';

/** Bytes a second over the last while, for a person to read. */
export class RecentRate {
  readonly #marks: { readonly atMs: number; readonly bytes: number }[] = [];

  constructor(bytes: number, nowMs: number) {
    this.#marks.push({ atMs: nowMs, bytes });
  }

  /** @param bytes of all until now @returns null before some time has gone by */
  at(bytes: number, nowMs: number): number | null {
    this.#marks.push({ atMs: nowMs, bytes });
    while (this.#marks.length > 2 && nowMs - this.#marks[1]!.atMs >= RATE_OVER_MS) this.#marks.shift();
    const [first] = this.#marks as [{ readonly atMs: number; readonly bytes: number }];
    return nowMs > first.atMs ? (1_000 * (bytes - first.bytes)) / (nowMs - first.atMs) : null;
  }
}
