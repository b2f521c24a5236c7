interface UnderWay {
  readonly bytes: number;
  readonly sentMs: number;
  /** What had come by then, and when the last of it was told. */
  readonly cameBytes: number;
  readonly cameMs: number;
}

interface Lasted {
  readonly ms: number;
  /** What came from its sending to its coming, in bytes per ms. */
  readonly rate: number;
}

/** What holds back a sender. */
export interface TransitLimits {
  /** Of how many chunks and results it is remembered how long they took. */
  readonly kept: number;
  /** No more is sent than this path carries in so long beyond its shortest transit. */
  readonly queueMs: number;
  /** So many are under way at once in any case. */
  readonly least: number;
}

/**
 * How long a sender's chunks and results take to one peer, by what that peer says has come, and how many of them may be
 * under way. A chunk that would come after its closing time is passed over: its bytes would be for nothing, and hold up
 * those behind it (ROUNDS section 5). What waits in buffers tells nothing, delays every short word behind it, and makes
 * all that is sent look late: so it waits here. Times are ms of one clock that only goes forward.
 */
export class Transits {
  readonly #limits: TransitLimits;
  readonly #underWay: UnderWay[] = [];
  #underWayBytes = 0;
  #lasted: Lasted[] = [];
  #shortestMs = Number.POSITIVE_INFINITY;
  #confirmed = 0;
  #cameBytes = 0;
  #cameMs = 0;

  constructor(limits: TransitLimits) {
    this.#limits = limits;
  }

  sent(bytes: number, nowMs: number): void {
    // A path that was idle says nothing of what it carries.
    if (this.#underWay.length === 0) this.#cameMs = nowMs;
    this.#underWay.push({ bytes, sentMs: nowMs, cameBytes: this.#cameBytes, cameMs: this.#cameMs });
    this.#underWayBytes += bytes;
  }

  /** @param received chunks and results that have come since the stream began, by the peer's word */
  confirm(received: number, nowMs: number): void {
    const came = this.#underWay.splice(0, Math.max(0, received - this.#confirmed));
    if (came.length === 0) return;
    this.#confirmed += came.length;
    this.#cameMs = nowMs;
    for (const { bytes } of came) {
      this.#cameBytes += bytes;
      this.#underWayBytes -= bytes;
    }
    for (const { sentMs, cameBytes, cameMs } of came) {
      const rate = (this.#cameBytes - cameBytes) / Math.max(1, nowMs - cameMs);
      this.#lasted.push({ ms: nowMs - sentMs, rate });
      this.#shortestMs = Math.min(this.#shortestMs, nowMs - sentMs);
    }
    this.#lasted = this.#lasted.slice(-this.#limits.kept);
  }

  /**
   * How long one that is sent now will take, in ms: as long as the slowest of the last ones, or as the oldest waits
   * already. Where the path has been idle for longer than that, nothing waits before it any more: as the quickest.
   */
  expectedMs(nowMs: number): number {
    const lasted = this.#lasted.map(({ ms }) => ms);
    const slowestMs = Math.max(0, ...lasted);
    const oldest = this.#underWay[0];
    if (oldest) return Math.max(nowMs - oldest.sentMs, slowestMs);
    return nowMs - this.#cameMs > slowestMs ? Math.min(...lasted, slowestMs) : slowestMs;
  }

  /** Whether one more chunk or result may be sent. */
  get hasRoom(): boolean {
    return this.#underWay.length < this.#limits.least || this.#underWayBytes < this.#carriedBytes();
  }

  /** What the path carries in its shortest transit and the time that may be spent waiting. */
  #carriedBytes(): number {
    const rate = Math.max(0, ...this.#lasted.map((one) => one.rate));
    return rate * (this.#shortestMs + this.#limits.queueMs);
  }
}
