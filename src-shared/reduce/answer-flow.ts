/**
 * How the results of one reducer come to a member. By the pace of the last ones it is told whether those that it still owes
 * will be here in time, so that nobody asks for what is on the line already. Times are ms of one clock that only goes
 * forward.
 */
export class AnswerFlow {
  readonly #kept: number;
  readonly #cameMs: number[] = [];

  /** @param kept of how many results it is remembered when they came; 2 at least */
  constructor(kept: number) {
    this.#kept = kept;
  }

  /** A result has come. */
  came(nowMs: number): void {
    this.#cameMs.push(nowMs);
    if (this.#cameMs.length > this.#kept) this.#cameMs.shift();
  }

  /**
   * Whether so many more will have come within that time. Who has given less than two, or none for `quietMs`, gives no more
   * as far as can be seen.
   */
  endsWithin(
    { owed, leftMs, quietMs }: { readonly owed: number; readonly leftMs: number; readonly quietMs: number },
    nowMs: number,
  ): boolean {
    const [first, last] = [this.#cameMs[0], this.#cameMs.at(-1)];
    if (first === undefined || last === undefined || this.#cameMs.length < 2) return false;
    // What has not come since the last one tells of the pace, too.
    const eachMs = (nowMs - first) / (this.#cameMs.length - 1);
    return nowMs - last <= quietMs && owed * eachMs <= leftMs;
  }
}
