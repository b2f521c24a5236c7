import type { Pace } from '../../../src-node/pace.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { isLoopbackHost } from '../../../src-shared/stores/store-address.ts';
import { ANSWER_BYTES_MAX } from '../limits.ts';
import { bodyOf } from './paced-body.ts';
import { StallWatch } from './stall-watch.ts';

export interface StoreFetchOptions {
  /** For sentences. */
  readonly store: string;
  /** Of the service; only one on this computer is spoken to without encryption, and leads nowhere else. */
  readonly url: string;
  readonly pace: Pace;
  readonly signal: AbortSignal;
  /** `manual`: an answer that leads elsewhere goes to `refusal`, and nobody is asked there. Left out: as `fetch` has it. */
  readonly redirect?: 'manual';
  /** Bytes of bodies as they go out. */
  onSent(bytes: number): void;
  /** What an answer means that is no good one; null hands it on. `isOwn`: of the service itself, not where it sends us. */
  refusal(response: Response, isOwn: boolean): Promise<AppError | null>;
}

/**
 * `fetch` as libraries of stores are given it: every request ends with the job, goes at the shared pace, is given up when
 * nothing moves, and every answer is bounded.
 * @throws {AppError} STORE_ADDRESS_INSECURE, STORE_UNREACHABLE, and what `refusal` says
 */
export function storeFetch(options: StoreFetchOptions): typeof fetch {
  const own = new URL(options.url);
  demandSecure(own, own);
  return (input, init) => request(own, options, input, init, ANSWER_BYTES_MAX);
}

/** The same for files of any length, which whoever reads bounds. */
export function storeFileFetch(options: StoreFetchOptions): typeof fetch {
  const own = new URL(options.url);
  demandSecure(own, own);
  return (input, init) => request(own, options, input, init, Number.POSITIVE_INFINITY);
}

function demandSecure(url: URL, own: URL): void {
  if (url.protocol === 'https:') return;
  const isLocal = url.protocol === 'http:' && isLoopbackHost(url.hostname) && isLoopbackHost(own.hostname);
  if (!isLocal) throw new AppError('STORE_ADDRESS_INSECURE', { address: url.origin });
}

async function request(
  own: URL,
  options: StoreFetchOptions,
  input: Parameters<typeof fetch>[0],
  init: RequestInit | undefined,
  answerBytesMax: number,
): Promise<Response> {
  const { store, pace, signal, redirect, refusal, onSent } = options;
  const url = new URL(input instanceof Request ? input.url : input);
  demandSecure(url, own);
  const watch = new StallWatch();
  const ending = AbortSignal.any([signal, watch.signal, ...(init?.signal ? [init.signal] : [])]);
  const portions = { pace, signal: ending, watch, onSent };
  const failed = (thrown: unknown): unknown => {
    watch.end();
    if (thrown instanceof AppError || signal.aborted) return thrown;
    return unreachable(store, thrown, watch.signal.aborted);
  };
  try {
    const body = bodyOf(init?.body, portions);
    const { body: _given, ...rest } = init ?? {};
    const response = await fetch(url, { ...rest, ...(redirect && { redirect }), ...body, signal: ending });
    const answered = new URL(response.url || url);
    if (!response.ok && response.status !== 304) {
      // Where a redirect led it is not the service that refuses: an address that ran out says nothing of the key.
      const refused = await refusal(response, answered.origin === own.origin);
      if (refused) throw refused;
    }
    demandSecure(answered, own);
    return watched(response, watch, { bytesMax: answerBytesMax, store, failed });
  } catch (thrown) {
    throw failed(thrown);
  }
}

/** What the network says, in a word for the sentence. */
function unreachable(store: string, thrown: unknown, isStalled: boolean): AppError {
  const cause = (thrown as { cause?: { code?: unknown } } | null)?.cause;
  const code = typeof cause?.code === 'string' ? cause.code : 'the connection broke';
  return new AppError('STORE_UNREACHABLE', { store, why: isStalled ? 'nothing moved' : code }, thrown);
}

interface Bounds {
  readonly bytesMax: number;
  readonly store: string;
  /** What a failure of the body means. The watch is ended. */
  failed(thrown: unknown): unknown;
}

/** The answer with a body that is watched and bounded, and fails in our words; all else of it as it came. */
function watched(response: Response, watch: StallWatch, bounds: Bounds): Response {
  if (!response.body) {
    watch.end();
    return response;
  }
  watch.moved();
  const answer = new Response(boundedBody(response.body.getReader(), watch, bounds), response);
  Object.defineProperty(answer, 'url', { value: response.url });
  return answer;
}

function boundedBody(
  body: ReadableStreamDefaultReader<Uint8Array>,
  watch: StallWatch,
  { bytesMax, store, failed }: Bounds,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let bytes = 0;
  const next = async () => {
    const { done, value } = await body.read();
    watch.moved();
    bytes += value?.length ?? 0;
    if (bytes > bytesMax) throw new AppError('STORE_ANSWER_FOREIGN', { store, what: 'it has no end' });
    return done ? null : (value as Uint8Array<ArrayBuffer>);
  };
  const cancel = (reason?: unknown) => {
    watch.end();
    return body.cancel(reason);
  };
  return new ReadableStream(
    {
      async pull(out) {
        try {
          const portion = await next();
          if (portion) return out.enqueue(portion);
          watch.end();
          out.close();
        } catch (thrown) {
          // What is too long is not read on; what has failed is over already.
          await cancel(thrown).catch(() => undefined);
          throw failed(thrown);
        }
      },
      cancel,
    },
    // Nothing is read before it is asked for: the pace of whoever reads is the pace of the line.
    { highWaterMark: 0 },
  );
}
