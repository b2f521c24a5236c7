import { MAX_BATCH, MAX_UNSENT_BYTES } from '../limits.ts';
import { errorJson, invalidRequest, parseFailure, tooMany, unknownMethod } from './failure.ts';
import type { Method } from './methods.ts';

/** One frame of a client: its requests, answered one by one, and then one frame for all answers. */
export class Frame {
  readonly #requests: readonly unknown[];
  readonly #isBatch: boolean;
  readonly #answers: string[] = [];
  #next = 0;
  #chars = 0;

  constructor(text: string) {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      parsed = parseFailure();
    }
    this.#isBatch = Array.isArray(parsed) && parsed.length > 0 && parsed.length <= MAX_BATCH;
    this.#requests = this.#isBatch
      ? (parsed as unknown[])
      : [Array.isArray(parsed) ? invalidRequest() : parsed];
  }

  get isAnswered(): boolean {
    return this.#next >= this.#requests.length;
  }

  /** Answers the next request. */
  step(methods: Readonly<Record<string, Method>>): void {
    const request = this.#requests[this.#next++];
    // What a batch gives back is held until it is whole, so it has the bound of what may wait to be sent.
    const answer =
      this.#chars > MAX_UNSENT_BYTES
        ? failed(idOf(request), tooMany('bytes in one answer'))
        : answerOf(request, methods);
    if (answer === null) return;
    this.#answers.push(answer);
    this.#chars += answer.length;
  }

  /** The frame to send, or null where only notifications came, which want no answer. */
  get answer(): string | null {
    if (this.#answers.length === 0) return null;
    return this.#isBatch ? `[${this.#answers.join(',')}]` : (this.#answers[0] ?? null);
  }
}

function answerOf(request: unknown, methods: Readonly<Record<string, Method>>): string | null {
  if (request instanceof Error) return failed(null, request);
  if (typeof request !== 'object' || request === null || !('method' in request))
    return failed(null, invalidRequest());
  const { method, params = [], id } = request as { method: unknown; params?: unknown; id?: unknown };
  if (id === undefined) return null;
  try {
    if (typeof method !== 'string' || !Array.isArray(params)) throw invalidRequest();
    if (!Object.hasOwn(methods, method)) throw unknownMethod();
    return JSON.stringify({ jsonrpc: '2.0', id: idOf(request), result: methods[method]?.(params) ?? null });
  } catch (thrown) {
    return failed(idOf(request), thrown);
  }
}

function idOf(request: unknown): string | number | null {
  const id = (request as { id?: unknown } | null)?.id;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

const failed = (id: string | number | null, thrown: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', id, error: errorJson(thrown) });
