import { PACED_BYTES } from '../../../src-node/limits.ts';
import type { Pace } from '../../../src-node/pace.ts';
import type { StallWatch } from './stall-watch.ts';

export interface Portions {
  readonly pace: Pace;
  readonly signal: AbortSignal;
  readonly watch: StallWatch;
  onSent(bytes: number): void;
}

/**
 * A request's body that goes out at the pace. It stays a Blob, whose length is known before: stores refuse bodies that
 * come in pieces of unknown number. What is short goes as it is.
 */
export function bodyOf(
  body: RequestInit['body'] | undefined,
  portions: Portions,
): Pick<RequestInit, 'body' | 'redirect'> {
  if (body === undefined || body === null) return {};
  if (body instanceof Blob) return paceBlob(body, portions);
  if (ArrayBuffer.isView(body) && body.byteLength > PACED_BYTES)
    return paceBlob(new Blob([body as Uint8Array<ArrayBuffer>]), portions);
  return { body };
}

/**
 * A body that might have to be sent to a second address is kept whole in memory by Node's `fetch`, gigabytes of it. Stores
 * tell beforehand where files go; one that sends us elsewhere in the middle is not followed.
 */
const paceBlob = (body: Blob, portions: Portions): Pick<RequestInit, 'body' | 'redirect'> => ({
  body: new PacedBlob(body, portions),
  redirect: 'error',
});

class PacedBlob extends Blob {
  readonly #source: Blob;
  readonly #portions: Portions;

  constructor(source: Blob, portions: Portions) {
    super([], { type: source.type });
    this.#source = source;
    this.#portions = portions;
    Object.defineProperty(this, 'size', { value: source.size });
  }

  override stream(): ReturnType<Blob['stream']> {
    return ReadableStream.from(paced(this.#source, this.#portions)) as ReturnType<Blob['stream']>;
  }
}

async function* paced(source: Blob, { pace, signal, watch, onSent }: Portions): AsyncGenerator<Uint8Array> {
  for await (const chunk of source.stream()) {
    for (let at = 0; at < chunk.length; ) {
      const portion = chunk.subarray(at, Math.min(chunk.length, at + pace.portionBytes));
      if (!pace.isOpen) await watch.hold(pace.take(portion.length, signal));
      at += portion.length;
      watch.moved();
      onSent(portion.length);
      yield portion;
    }
  }
  watch.sent();
}
