import type { Ss58 } from '../../../src-shared/units.ts';
import { REOPEN_EVERY_MS } from '../limits.ts';
import type { Network } from '../net/link.ts';
import { FrameSource } from './frame-source.ts';
import type { Line } from './line.ts';
import type { RoundPlan } from './plan.ts';

interface StreamsInit {
  readonly plan: RoundPlan;
  readonly network: Network;
  readonly lines: ReadonlyMap<number, Line>;
  /** Ends with the exchange. */
  readonly signal: AbortSignal;
}

/**
 * Opens the streams of a round: of each pair the one that stands first in the roster does, and again while its peer is
 * away. The first stream goes to the next member in order, so that not all knock at one door.
 */
export class Streams {
  readonly #init: StreamsInit;
  readonly #triedAtMs = new Map<number, number>();

  constructor(init: StreamsInit) {
    this.#init = init;
  }

  open(): void {
    const { plan, network, lines, signal } = this.#init;
    if (signal.aborted) return;
    const nowMs = performance.now();
    for (const line of lines.values()) {
      const { hotkey } = plan.members[line.index]!;
      const triedAtMs = this.#triedAtMs.get(line.index) ?? Number.NEGATIVE_INFINITY;
      if (line.index < plan.self! || line.isAttached || line.finished) continue;
      if (!network.isConnected(hotkey) || nowMs - triedAtMs < REOPEN_EVERY_MS) continue;
      this.#triedAtMs.set(line.index, nowMs);
      void this.#openLine(line, hotkey).catch(() => {});
    }
  }

  async #openLine(line: Line, hotkey: Ss58): Promise<void> {
    const { plan, network, signal } = this.#init;
    const link = await network.open(hotkey, 'reduce', signal);
    if (line.isAttached || signal.aborted) return link.abort();
    const { chunks, chunkElements } = plan.grid;
    await line.attach(link, new FrameSource(link, { chunks, chunkElements }, hotkey), null);
  }
}
