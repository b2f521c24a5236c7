import { type Capacity, maxMinRates, type Way } from './fair-share.ts';

/** A peer's line. */
export interface HomeLine {
  readonly upBytesPerS: number;
  readonly downBytesPerS: number;
  /** From the peer to the middle of the network, one way. */
  readonly latencyMs: number;
}

/** Payload of a full Ethernet frame over what a line carries for it: 1,448 of 1,514 bytes with IPv4 and TCP timestamps. */
const PAYLOAD_SHARE = 1_448 / 1_514;

/** What is written to a connection before its line has taken it: a socket and a router's queue hold about so much. */
const BUFFER_BYTES = 262_144;

export interface Sized {
  readonly bytes: number;
}

/** One direction of a pair: what the sender says next is asked for when the buffer has room. */
export interface Source<F extends Sized> extends Way {
  /** Whether both ends are there. */
  isOpen(): boolean;
  next(): F | null;
  arrived(frame: F): void;
}

interface Flow<F extends Sized> {
  readonly source: Source<F>;
  readonly latencyMs: number;
  readonly queue: F[];
  queuedBytes: number;
  /** Bytes of the first frame that are gone. */
  goneBytes: number;
}

interface Arrival {
  readonly atMs: number;
  readonly arrive: () => void;
}

/**
 * Lines as fluids: in each step of time all pairs that have something to say move at max-min fair rates; what has left
 * its sender arrives after the way's latency, in the order in which it left.
 */
export class Links<F extends Sized> {
  readonly #capacities: readonly Capacity[];
  readonly #flows: readonly Flow<F>[];
  readonly #stepMs: number;
  readonly #arrivals = new Map<number, Arrival[]>();
  #moving: readonly number[] = [];
  #rates: Float64Array = new Float64Array();

  /** @param stepMs about a round trip: no transport finds its rate sooner */
  constructor(lines: readonly HomeLine[], sources: readonly Source<F>[], stepMs: number) {
    this.#stepMs = stepMs;
    this.#capacities = lines.map(({ upBytesPerS, downBytesPerS }) => ({
      up: (upBytesPerS * PAYLOAD_SHARE) / 1_000,
      down: (downBytesPerS * PAYLOAD_SHARE) / 1_000,
    }));
    this.#flows = sources.map((source) => {
      const latencyMs = lines[source.from]!.latencyMs + lines[source.to]!.latencyMs;
      return { source, latencyMs, queue: [], queuedBytes: 0, goneBytes: 0 };
    });
  }

  /** Hands over what arrives in the step that ends at `nowMs`. */
  deliver(nowMs: number): void {
    const step = Math.round(nowMs / this.#stepMs);
    const due = this.#arrivals.get(step) ?? [];
    this.#arrivals.delete(step);
    due.sort((a, b) => a.atMs - b.atMs);
    for (const { arrive } of due) arrive();
  }

  /** Whether nothing is on its way. */
  get isQuiet(): boolean {
    return this.#moving.length === 0 && this.#arrivals.size === 0;
  }

  /** Moves what is to be moved in the step that begins at `nowMs`. */
  advance(nowMs: number): void {
    const moving: number[] = [];
    for (const [i, flow] of this.#flows.entries()) {
      fill(flow);
      if (flow.queue.length > 0 && flow.source.isOpen()) moving.push(i);
    }
    this.#share(moving);
    for (const [at, i] of moving.entries()) this.#move(this.#flows[i]!, this.#rates[at]!, nowMs);
  }

  #share(moving: readonly number[]): void {
    const isSame = moving.length === this.#moving.length && moving.every((i, at) => i === this.#moving[at]);
    if (isSame) return;
    this.#moving = moving;
    const ways = moving.map((i) => this.#flows[i]!.source);
    this.#rates = maxMinRates(ways, this.#capacities);
  }

  /** @param rate bytes per ms */
  #move(flow: Flow<F>, rate: number, nowMs: number): void {
    const { source, queue } = flow;
    let left = rate * this.#stepMs;
    for (let frame = queue[0]; frame && left > 0; frame = queue[0]) {
      const wanted = frame.bytes - flow.goneBytes;
      if (wanted > left) {
        flow.goneBytes += left;
        return;
      }
      left -= wanted;
      flow.goneBytes = 0;
      flow.queuedBytes -= frame.bytes;
      queue.shift();
      this.#send(source, frame, nowMs + this.#stepMs - left / rate + flow.latencyMs);
      fill(flow);
    }
  }

  #send(source: Source<F>, frame: F, atMs: number): void {
    // Never in the step in which it left: what answers it leaves in the next one.
    const step = Math.ceil(atMs / this.#stepMs);
    const due = this.#arrivals.get(step) ?? [];
    due.push({ atMs, arrive: () => source.arrived(frame) });
    this.#arrivals.set(step, due);
  }
}

function fill<F extends Sized>(flow: Flow<F>): void {
  while (flow.queuedBytes < BUFFER_BYTES && flow.source.isOpen()) {
    const frame = flow.source.next();
    if (!frame) return;
    flow.queue.push(frame);
    flow.queuedBytes += frame.bytes;
  }
}
