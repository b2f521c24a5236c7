import { Pace } from '../../../src-node/pace.ts';
import type { Receipt } from '../../../src-shared/rounds/messages.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import {
  GIVEN_SHARE,
  GIVING_QUEUE_MS,
  PIECES_GIVEN_AT_ONCE,
  PIECES_PER_RECEIVER,
  UPLINK_ROUNDS,
} from './limits.ts';

/**
 * How much a donor gives: a share of its uplink to all receivers together, each in its turn, and nothing while a round
 * averages. Before the first round has shown what the uplink carries there is nothing that it would be kept for.
 */
export class Giving {
  readonly pace = new Pace();
  readonly #underWay = new Map<Ss58, number>();
  readonly #uplinks: number[] = [];
  #all = 0;
  #queuedBytes = 0;
  #bytesPerSecond: number | null = null;
  #holds = 0;
  #held = new AbortController();

  /** What all receivers together are given; null while the uplink is unknown: as fast as it goes. */
  get bytesPerSecond(): number | null {
    return this.#bytesPerSecond;
  }

  /** Aborts what is being given when a round begins to average. */
  get held(): AbortSignal {
    return this.#held.signal;
  }

  /** A round averages. @returns to be called when it is over */
  hold(): () => void {
    this.#holds++;
    this.#held.abort();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#holds--;
      if (this.#holds === 0) this.#held = new AbortController();
    };
  }

  /**
   * Takes a piece for a receiver. A judge need not wait until fewer newcomers are waiting, for it cannot ask elsewhere, and
   * what it may have is counted by whoever answers it.
   * @returns to be called when it is gone; null: not now
   */
  admit(receiver: Ss58, bytes: number, as: 'newcomer' | 'judge' = 'newcomer'): (() => void) | null {
    const own = this.#underWay.get(receiver) ?? 0;
    const waitMs = this.#bytesPerSecond === null ? 0 : (1_000 * this.#queuedBytes) / this.#bytesPerSecond;
    const isFull = this.#all >= PIECES_GIVEN_AT_ONCE || waitMs > GIVING_QUEUE_MS;
    if (this.#holds > 0 || own >= PIECES_PER_RECEIVER || (isFull && as === 'newcomer')) return null;
    this.#count(receiver, 1, bytes);
    return () => this.#count(receiver, -1, -bytes);
  }

  /** What a round's receipts say that this node sent. */
  noteRound(self: Ss58, receipts: readonly Receipt[]): void {
    const sent = receipts.filter(({ from, countersigned }) => from === self && countersigned);
    const longestMs = Math.max(0, ...sent.map(({ durationMs }) => durationMs));
    if (longestMs === 0) return;
    const bytes = sent.reduce((sum, receipt) => sum + receipt.bytes, 0);
    this.#uplinks.push((1_000 * bytes) / longestMs);
    this.#uplinks.splice(0, this.#uplinks.length - UPLINK_ROUNDS);
    this.#bytesPerSecond = Math.max(1, Math.floor(GIVEN_SHARE * Math.max(...this.#uplinks)));
    this.pace.set(this.#bytesPerSecond);
  }

  #count(receiver: Ss58, pieces: number, bytes: number): void {
    this.#all += pieces;
    this.#queuedBytes += bytes;
    const own = (this.#underWay.get(receiver) ?? 0) + pieces;
    if (own > 0) this.#underWay.set(receiver, own);
    else this.#underWay.delete(receiver);
  }
}
