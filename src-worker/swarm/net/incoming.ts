import { READ_AHEAD_BYTES } from '../limits.ts';

/** Turns pushed bytes into an async iterable and says when the source should pause. */
export class Incoming implements AsyncIterable<Uint8Array> {
  readonly #queue: Uint8Array[] = [];
  readonly #flow: { pause(): void; resume(): void };
  #queuedBytes = 0;
  #paused = false;
  #end: { readonly error: unknown } | null = null;
  #wake: (() => void) | null = null;

  constructor(flow: { pause(): void; resume(): void }) {
    this.#flow = flow;
  }

  push(bytes: Uint8Array): void {
    if (this.#end) return;
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    if (!this.#paused && this.#queuedBytes > READ_AHEAD_BYTES) {
      this.#paused = true;
      this.#flow.pause();
    }
    this.#wake?.();
  }

  /** @param error why the stream broke; null when the peer closed it in order */
  end(error: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for (;;) {
      const bytes = this.#queue.shift();
      if (bytes) {
        this.#queuedBytes -= bytes.length;
        this.#resumeIfDrained();
        yield bytes;
      } else if (this.#end) {
        if (this.#end.error) throw this.#end.error;
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
      }
    }
  }

  #resumeIfDrained(): void {
    if (!this.#paused || this.#queuedBytes > READ_AHEAD_BYTES / 2 || this.#end) return;
    this.#paused = false;
    this.#flow.resume();
  }
}
