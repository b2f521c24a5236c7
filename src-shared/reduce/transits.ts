interface UnderWay {
  readonly bytes: number;
  readonly sentMs: number;
  /** With it, and with those before it that nothing was said of yet. */
  readonly underWayBytes: number;
}

interface Arrival {
  /** By the peer's clock, since the first word. */
  readonly atMs: number;
  /** All that had come by then. */
  readonly bytes: number;
}

/** What holds back a sender. */
export interface TransitLimits {
  /** Of how many chunks and results it is remembered how long they took. */
  readonly kept: number;
  /** So long may what is sent wait before the path: enough that it never runs dry. */
  readonly queueMs: number;
  /** So many are under way at once in any case. */
  readonly least: number;
  /** And so many bytes at most, whatever the peer says of its clock. */
  readonly mostBytes: number;
}

/** What a peer says has come of what it was sent. */
export interface Came {
  /** Chunks and results since the stream began. */
  readonly received: number;
  /** When the last of them came, in ms of the peer's own clock, modulo 2^32. */
  readonly cameMs: number;
}

/**
 * How long a sender's chunks and results take to one peer, by what that peer says has come, and how many of them may be
 * under way. A chunk that would come after its closing time is passed over: its bytes would be for nothing, and hold up
 * those behind it (ROUNDS section 5). What waits in buffers tells nothing, delays every short word behind it, and makes
 * all that is sent look late: so it waits here.
 *
 * How many may be under way follows how long the last one waited before the path, as in LEDBAT (RFC 6817): by the peer's
 * clock the way there alone, since the word that something came waits behind what the peer itself sends (decision 93).
 * Times are ms of one clock that only goes forward.
 */
export class Transits {
  readonly #limits: TransitLimits;
  readonly #underWay: UnderWay[] = [];
  #underWayBytes = 0;
  #allowedBytes = 0;
  #cameBytes = 0;
  #lastedMs: number[] = [];
  #arrivals: Arrival[] = [];
  /** The peer's clock at its first word. */
  #firstCameMs: number | null = null;
  /** The peer's clock less ours when one that had not waited came, modulo 2^32; null before the first. */
  #leastWayMs: number | null = null;
  #confirmed = 0;
  #cameMs = 0;

  constructor(limits: TransitLimits) {
    this.#limits = limits;
  }

  sent(bytes: number, nowMs: number): void {
    // A path that was idle says nothing of how long anything waits.
    if (this.#underWay.length === 0) this.#cameMs = nowMs;
    this.#underWayBytes += bytes;
    this.#underWay.push({ bytes, sentMs: nowMs, underWayBytes: this.#underWayBytes });
  }

  confirm({ received, cameMs }: Came, nowMs: number): void {
    const came = this.#underWay.splice(0, Math.max(0, received - this.#confirmed));
    const last = came.at(-1);
    if (!last) return;
    this.#confirmed += came.length;
    this.#cameMs = nowMs;
    for (const { bytes } of came) {
      this.#cameBytes += bytes;
      this.#underWayBytes -= bytes;
    }
    this.#firstCameMs ??= cameMs;
    this.#arrivals.push({ atMs: modulo(cameMs - this.#firstCameMs), bytes: this.#cameBytes });
    this.#arrivals = this.#arrivals.slice(-this.#limits.kept);
    this.#allow(last, this.#waitedMs(last.sentMs, cameMs, nowMs));
    for (const { sentMs } of came) this.#lastedMs.push(nowMs - sentMs);
    this.#lastedMs = this.#lastedMs.slice(-this.#limits.kept);
  }

  /**
   * How long one that is sent now will take, in ms: as long as the slowest of the last ones, or as the oldest waits
   * already. Where the path has been idle for longer than that, nothing waits before it any more: as the quickest.
   */
  expectedMs(nowMs: number): number {
    const lasted = this.#lastedMs;
    const slowestMs = Math.max(0, ...lasted);
    const oldest = this.#underWay[0];
    if (oldest) return Math.max(nowMs - oldest.sentMs, slowestMs);
    return nowMs - this.#cameMs > slowestMs ? Math.min(...lasted, slowestMs) : slowestMs;
  }

  /** Whether one more chunk or result may be sent. */
  get hasRoom(): boolean {
    return this.#underWay.length < this.#limits.least || this.#underWayBytes < this.#allowedBytes;
  }

  /** How long the last one waited before the path: what its way took beyond the least that any took. */
  #waitedMs(sentMs: number, cameMs: number, nowMs: number): number {
    const wayMs = modulo(cameMs - Math.round(sentMs));
    this.#leastWayMs ??= wayMs;
    const waitedMs = signed(wayMs - this.#leastWayMs);
    // Less is a new least; what took less than that there and back says that the peer's clock has jumped.
    const mostMs = Math.ceil(nowMs - sentMs);
    if (waitedMs >= 0 && waitedMs <= mostMs) return waitedMs;
    this.#leastWayMs = wayMs;
    return 0;
  }

  /**
   * Towards as much as was under way when the last one was sent, and what the path carries in the time that it waited too
   * little; over as many of them as are under way, for what they brought about shows only then.
   */
  #allow({ bytes, underWayBytes }: UnderWay, waitedMs: number): void {
    const { queueMs, least, mostBytes } = this.#limits;
    const [first, last] = [this.#arrivals[0]!, this.#arrivals.at(-1)!];
    const tookMs = last.atMs - first.atMs;
    if (tookMs <= 0) return;
    const rate = (last.bytes - first.bytes) / tookMs;
    const roomMs = Math.max(queueMs, (least * bytes) / rate) - waitedMs;
    // Much less was under way than was allowed: that says nothing of how much may be.
    if (roomMs > 0 && underWayBytes + bytes < this.#allowedBytes) return;
    const wanted = Math.min(mostBytes, Math.max(0, underWayBytes + rate * roomMs));
    this.#allowedBytes += (bytes / Math.max(bytes, this.#allowedBytes)) * (wanted - this.#allowedBytes);
  }
}

const CLOCK_MS = 2 ** 32;

const modulo = (ms: number): number => ((ms % CLOCK_MS) + CLOCK_MS) % CLOCK_MS;

/** Of a difference modulo 2^32 the one that is nearer to 0. */
const signed = (ms: number): number => {
  const one = modulo(ms);
  return one < CLOCK_MS / 2 ? one : one - CLOCK_MS;
};
