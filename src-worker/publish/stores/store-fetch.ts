import { AppError } from '../../../src-shared/errors/app-error.ts';
import { isLoopbackHost } from '../../../src-shared/stores/store-address.ts';
import { ANSWER_BYTES_MAX } from '../limits.ts';
import type { Pace } from '../pace.ts';
import { bodyOf } from './paced-body.ts';
import { StallWatch } from './stall-watch.ts';

export interface StoreFetchOptions {
  /** For sentences. */
  readonly store: string;
  /** Of the service; only one on this computer is spoken to without encryption, and leads nowhere else. */
  readonly url: string;
  readonly pace: Pace;
  readonly signal: AbortSignal;
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
  const { store, pace, signal, refusal, onSent } = options;
  const url = new URL(input instanceof Request ? input.url : input);
  demandSecure(url, own);
  const watch = new StallWatch();
  const ending = AbortSignal.any([signal, watch.signal, ...(init?.signal ? [init.signal] : [])]);
  const portions = { pace, signal: ending, watch, onSent };
  try {
    const body = bodyOf(init?.body, portions);
    const { body: _given, ...rest } = init ?? {};
    const response = await fetch(url, { ...rest, ...body, signal: ending });
    const isOwn = url.origin === own.origin;
    if (!response.ok && response.status !== 304) {
      const refused = await refusal(response, isOwn);
      if (refused) throw refused;
    }
    if (response.url) demandSecure(new URL(response.url), own);
    return watched(response, watch, answerBytesMax, store);
  } catch (thrown) {
    watch.end();
    if (thrown instanceof AppError || signal.aborted) throw thrown;
    throw unreachable(store, thrown, watch.signal.aborted);
  }
}

/** What the network says, in a word for the sentence. */
function unreachable(store: string, thrown: unknown, isStalled: boolean): AppError {
  const cause = (thrown as { cause?: { code?: unknown } } | null)?.cause;
  const code = typeof cause?.code === 'string' ? cause.code : 'the connection broke';
  return new AppError('STORE_UNREACHABLE', { store, why: isStalled ? 'nothing moved' : code }, thrown);
}

/** The answer with a body that is watched and bounded; all else of it as it came. */
function watched(response: Response, watch: StallWatch, bytesMax: number, store: string): Response {
  if (!response.body) {
    watch.end();
    return response;
  }
  watch.moved();
  const stream = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: boundedBy(bytesMax, store, watch),
      flush: () => watch.end(),
    }),
  );
  const answer = new Response(stream, response);
  Object.defineProperty(answer, 'url', { value: response.url });
  return answer;
}

function boundedBy(bytesMax: number, store: string, watch: StallWatch) {
  let bytes = 0;
  return (chunk: Uint8Array, out: TransformStreamDefaultController<Uint8Array>) => {
    watch.moved();
    bytes += chunk.length;
    if (bytes > bytesMax) throw new AppError('STORE_ANSWER_FOREIGN', { store, what: 'it has no end' });
    out.enqueue(chunk);
  };
}
