import type { Ss58 } from '../../../src-shared/units.ts';
import { REOPEN_EVERY_MS } from '../limits.ts';
import type { Network, PeerLink } from '../net/link.ts';
import { FrameSource } from './frame-source.ts';
import type { Frame } from './frames.ts';
import { Line, type LineRound } from './line.ts';
import type { RoundPlan } from './plan.ts';

interface StreamsInit {
  readonly network: Network;
  readonly round: LineRound;
  /** Ends with the exchange. */
  readonly signal: AbortSignal;
}

/**
 * The streams of a round, one line with each other member; none for who only asks. Of each pair the one that stands first
 * in the roster opens it, and again while its peer is away. The first stream goes to the next member in order, so that
 * not all knock at one door.
 */
export class Streams {
  /** By roster index. */
  readonly lines: ReadonlyMap<number, Line>;
  readonly #init: StreamsInit;
  readonly #plan: RoundPlan;
  readonly #triedAtMs = new Map<number, number>();
  readonly #unsubscribe: () => void;

  constructor(init: StreamsInit) {
    this.#init = init;
    this.#plan = init.round.plan;
    this.lines = new Map(othersOf(this.#plan).map((i) => [i, new Line(i, init.round)]));
    this.#unsubscribe = init.network.onPeer((_hotkey, connected) => connected && this.open());
  }

  open(): void {
    const { network, signal } = this.#init;
    if (signal.aborted) return;
    const nowMs = performance.now();
    for (const line of this.lines.values()) {
      const { hotkey } = this.#plan.members[line.index]!;
      const triedAtMs = this.#triedAtMs.get(line.index) ?? Number.NEGATIVE_INFINITY;
      if (line.index < this.#plan.self! || line.isAttached || line.finished) continue;
      if (!network.isConnected(hotkey) || nowMs - triedAtMs < REOPEN_EVERY_MS) continue;
      this.#triedAtMs.set(line.index, nowMs);
      void this.#openLine(line, hotkey).catch(() => {});
    }
  }

  /** Takes a stream that a member opened to us. */
  async attach(from: Ss58, link: PeerLink, source: FrameSource, opened: Frame): Promise<void> {
    const index = this.#plan.indexOf(from);
    const line = index === null ? undefined : this.lines.get(index);
    if (!line || this.#init.signal.aborted) return link.abort();
    await line.attach(link, source, opened);
  }

  /** There is something new to send, or to wait for. */
  notify(): void {
    for (const line of this.lines.values()) line.notify();
  }

  get areFinished(): boolean {
    return [...this.lines.values()].every((line) => line.finished);
  }

  /** Gives up members that were silent for too long, until they send again. */
  loseSilent(): void {
    const nowMs = performance.now();
    for (const line of this.lines.values()) {
      // One that waits for our own disk is not silent.
      if (line.isTaking || !line.alive || line.finished) continue;
      if (nowMs - line.lastByteAtMs > this.#plan.times.silentAfterMs) line.lose();
    }
  }

  /** Whether a member gives results, and so many more of them will have come in this time, in ms. */
  willHaveCome(member: number, owed: number, leftMs: number): boolean {
    const line = this.lines.get(member);
    const pace = { owed, leftMs, quietMs: this.#plan.times.slackMs };
    return line?.mayDeliver === true && line.answers.endsWithin(pace, performance.now());
  }

  close(): void {
    this.#unsubscribe();
    for (const line of this.lines.values()) line.close();
  }

  async #openLine(line: Line, hotkey: Ss58): Promise<void> {
    const { network, signal } = this.#init;
    const link = await network.open(hotkey, 'reduce', signal);
    if (line.isAttached || signal.aborted) return link.abort();
    const { chunks, chunkElements } = this.#plan.grid;
    await line.attach(link, new FrameSource(link, { chunks, chunkElements }, hotkey), null);
  }
}

/** From the next member on, so that not all begin with the same one. */
function othersOf({ self, members }: RoundPlan): number[] {
  if (self === null) return [];
  const { length } = members;
  return Array.from({ length: length - 1 }, (_, i) => (self + 1 + i) % length);
}
