import { RECEIPT_TOLERANCE } from '../limits.ts';

/** Clocks tell whole steps, and a claim is never of no time at all. */
const CLOCK_STEP_MS = 1;

/**
 * When our chunks of a peer's own part went and came, by our clock. The peer measures from our opening, as it comes there,
 * to the last of them, and wants that signed. Its clock is not ours, but what causes what is the same on both: it cannot
 * have taken longer than from when we opened to when we knew the last one there, nor less than from when we knew our
 * opening there to when we sent that one.
 */
export class SentSpan {
  #openedMs: number | null = null;
  /** By then the peer had our opening: it said that something came behind it. */
  #heardMs: number | null = null;
  /** Of the last chunk of its part that is known to have come, and by when it had. */
  #lastSentMs: number | null = null;
  #lastCameMs: number | null = null;
  /** Of the present stream: chunks and results sent, and those of its part of which nothing is known yet. */
  #sent = 0;
  #underWay: { readonly place: number; readonly sentMs: number }[] = [];

  /** A stream begins with our opening. What was under way on the one before came by now, or never. */
  opened(nowMs: number): void {
    this.#openedMs ??= nowMs;
    if (this.#underWay.length > 0) this.#lastCameMs = nowMs;
    this.#sent = 0;
    this.#underWay = [];
  }

  /** A chunk or a result is handed to the stream. */
  sent(what: 'of-its-part' | 'other', nowMs: number): void {
    this.#sent++;
    if (what === 'of-its-part') this.#underWay.push({ place: this.#sent, sentMs: nowMs });
  }

  /** @param received of them, as the peer says, since the stream began */
  confirmed(received: number, nowMs: number): void {
    if (received < 1) return;
    this.#heardMs ??= nowMs;
    const came = this.#underWay.filter(({ place }) => place <= received);
    const last = came.at(-1);
    if (!last) return;
    this.#underWay = this.#underWay.slice(came.length);
    this.#lastSentMs = last.sentMs;
    this.#lastCameMs = nowMs;
  }

  /** Whether it can have taken as long as the peer says, both clocks being as good as `RECEIPT_TOLERANCE`. */
  canHaveTaken(durationMs: number, nowMs: number): boolean {
    if (this.#openedMs === null) return false;
    const isAllThere = this.#underWay.length === 0 && this.#lastCameMs !== null;
    const mostMs = (isAllThere ? this.#lastCameMs! : nowMs) - this.#openedMs;
    const isKnown = this.#lastSentMs !== null && this.#heardMs !== null;
    const leastMs = isKnown ? this.#lastSentMs! - this.#heardMs! : 0;
    return (
      durationMs <= mostMs * (1 + RECEIPT_TOLERANCE) + CLOCK_STEP_MS &&
      durationMs >= leastMs * (1 - RECEIPT_TOLERANCE) - CLOCK_STEP_MS
    );
  }
}
