import type { PeerLink } from '../net/link.ts';
import { type Frame, type FrameBounds, FrameReader } from './frames.ts';

/** Frames of a link one after another, so that one reader can take the first and another the rest. */
export class FrameSource {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #reader: FrameReader;
  #ready: Frame[] = [];
  /** Hears of every piece of bytes, also of half a frame: a slow peer is not a silent one. */
  onBytes: (bytes: number) => void = () => {};

  constructor(link: PeerLink, bounds: FrameBounds, peer: string) {
    this.#source = link.incoming[Symbol.asyncIterator]();
    this.#reader = new FrameReader(bounds, peer);
  }

  /** @returns null when the peer closed. @throws {AppError} PEER_MALFORMED, or whatever broke the stream */
  async next(): Promise<Frame | null> {
    while (this.#ready.length === 0) {
      const read = await this.#source.next();
      if (read.done) return null;
      this.onBytes(read.value.length);
      this.#ready = this.#reader.push(read.value);
    }
    return this.#ready.shift() ?? null;
  }
}
