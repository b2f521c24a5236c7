import { awakeLimit } from '../../../src-node/awake-clock.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import type { Network, PeerLink, Protocol } from './link.ts';

/** Messages with a length in front (u32, little endian), for everything but bulk frames. */
const HEADER_BYTES = 4;

export async function sendMessage(link: PeerLink, body: Uint8Array): Promise<void> {
  const message = new Uint8Array(HEADER_BYTES + body.length);
  new DataView(message.buffer).setUint32(0, body.length, true);
  message.set(body, HEADER_BYTES);
  await link.send(message);
}

/** Reads messages from a link one after another, none longer than the reader allows at that moment. */
export class MessageReader {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #peer: string;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(link: Pick<PeerLink, 'incoming'>, peer: string) {
    this.#source = link.incoming[Symbol.asyncIterator]();
    this.#peer = peer;
  }

  /** @returns null when the peer closed before a message began. @throws {AppError} PEER_MALFORMED */
  async next(maxBytes: number): Promise<Uint8Array | null> {
    const header = await this.#take(HEADER_BYTES, { mayEnd: true });
    if (!header) return null;
    const length = new DataView(header.buffer, header.byteOffset).getUint32(0, true);
    if (length > maxBytes)
      throw new AppError('PEER_MALFORMED', { peer: this.#peer, detail: 'message too long' });
    return this.#take(length, { mayEnd: false });
  }

  /** Counts bytes without keeping them. @returns whether all of them came */
  async skip(bytes: number): Promise<boolean> {
    let left = bytes - this.#rest.length;
    this.#rest = new Uint8Array(0);
    while (left > 0) {
      const next = await this.#source.next();
      if (next.done) return false;
      left -= next.value.length;
    }
    if (left < 0)
      throw new AppError('PEER_MALFORMED', { peer: this.#peer, detail: 'more bytes than agreed' });
    return true;
  }

  /** Whatever comes after the last message, as it comes; nothing else may be read from here then. */
  async *rest(): AsyncIterable<Uint8Array> {
    if (this.#rest.length > 0) yield this.#cut(this.#rest.length);
    for (;;) {
      const next = await this.#source.next();
      if (next.done) return;
      yield next.value;
    }
  }

  async #take(length: number, how: { mayEnd: boolean }): Promise<Uint8Array | null> {
    if (this.#rest.length >= length) return this.#cut(length);
    const whole = new Uint8Array(length);
    let filled = 0;
    for (;;) {
      const part = this.#cut(Math.min(this.#rest.length, length - filled));
      whole.set(part, filled);
      filled += part.length;
      if (filled === length) return whole;
      const next = await this.#source.next();
      if (!next.done) this.#rest = next.value;
      else if (filled === 0 && how.mayEnd) return null;
      else throw new AppError('PEER_MALFORMED', { peer: this.#peer, detail: 'message cut short' });
    }
  }

  #cut(length: number): Uint8Array {
    const part = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return part;
  }
}

/** Runs work on a link and makes sure that the link ends with it, and with the signal. */
export async function withLink<T>(link: PeerLink, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const abort = () => link.abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    signal.throwIfAborted();
    const value = await work();
    await link.close();
    return value;
  } catch (thrown) {
    link.abort();
    signal.throwIfAborted();
    throw thrown;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/**
 * One question, one answer.
 * @throws {AppError} PEER_UNREACHABLE, PEER_REFUSED (no or an empty answer), PEER_MALFORMED, TIMEOUT
 */
export async function ask(
  network: Network,
  to: { readonly hotkey: Ss58; readonly protocol: Protocol },
  question: Uint8Array,
  limits: { readonly maxBytes: number; readonly limitMs: number; readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const patience = awakeLimit(limits.limitMs);
  const signal = AbortSignal.any([limits.signal, patience]);
  try {
    const link = await network.open(to.hotkey, to.protocol, signal);
    return await withLink(link, signal, async () => {
      await sendMessage(link, question);
      const answer = await new MessageReader(link, to.hotkey).next(limits.maxBytes);
      if (!answer || answer.length === 0) throw new AppError('PEER_REFUSED', { peer: to.hotkey });
      return answer;
    });
  } catch (thrown) {
    limits.signal.throwIfAborted();
    if (patience.aborted)
      throw new AppError('TIMEOUT', { what: to.protocol, limitMs: limits.limitMs }, thrown);
    if (thrown instanceof AppError) throw thrown;
    throw new AppError('PEER_UNREACHABLE', { peer: to.hotkey }, thrown);
  }
}

/**
 * Serves questions of one protocol: an answer of null is sent empty, which the asker reads as a refusal.
 * @param limits the longest question, and how long the whole exchange may take
 */
export function serveAnswers(
  network: Network,
  protocol: Protocol,
  limits: { readonly maxBytes: number; readonly limitMs: number },
  answer: (question: Uint8Array, from: Ss58, signal: AbortSignal) => Promise<Uint8Array | null>,
): void {
  network.handle(protocol, async (link, from) => {
    const signal = awakeLimit(limits.limitMs);
    await withLink(link, signal, async () => {
      const question = await new MessageReader(link, from).next(limits.maxBytes);
      if (!question) return;
      await sendMessage(link, (await answer(question, from, signal)) ?? new Uint8Array(0));
    });
  });
}
