import type { WebSocket } from 'ws';
import type { Chain } from '../chain/chain.ts';
import { MAX_BATCH, MAX_UNSENT_BYTES } from '../limits.ts';
import { errorJson, invalidRequest, parseFailure, unknownMethod } from './failure.ts';
import type { Method } from './methods.ts';
import { Subscriptions } from './subscriptions.ts';

interface Answer {
  readonly jsonrpc: '2.0';
  readonly id: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** One client's connection: requests in, answers and notifications out. */
export class Session {
  readonly #socket: WebSocket;
  readonly #subscriptions: Subscriptions;
  readonly #methods: Readonly<Record<string, Method>>;
  #afterAnswer: (() => void)[] = [];

  constructor(socket: WebSocket, chain: Chain, shared: Readonly<Record<string, Method>>) {
    this.#socket = socket;
    this.#subscriptions = new Subscriptions(
      chain,
      (method, subscription, result) =>
        this.#send({ jsonrpc: '2.0', method, params: { subscription, result } }),
      (step) => this.#afterAnswer.push(step),
    );
    const own = this.#subscriptions.methods();
    const names = [...Object.keys(shared), ...Object.keys(own), 'rpc_methods'].sort();
    this.#methods = { ...shared, ...own, rpc_methods: () => ({ methods: names }) };
  }

  /** Takes one frame; answers it, then sends what its subscriptions begin with. */
  receive(frame: string): void {
    const answer = this.#answerFrame(frame);
    if (answer !== null) this.#send(answer);
    for (const step of this.#afterAnswer.splice(0)) step();
  }

  close(): void {
    this.#subscriptions.close();
  }

  #answerFrame(frame: string): Answer | Answer[] | null {
    let request: unknown;
    try {
      request = JSON.parse(frame);
    } catch {
      return this.#failed(null, parseFailure());
    }
    if (!Array.isArray(request)) return this.#answer(request);
    if (request.length === 0 || request.length > MAX_BATCH) return this.#failed(null, invalidRequest());
    const answers = request.map((each) => this.#answer(each)).filter((each) => each !== null);
    return answers.length > 0 ? answers : null;
  }

  /** Null for a notification, which wants no answer. */
  #answer(request: unknown): Answer | null {
    if (typeof request !== 'object' || request === null || !('method' in request))
      return this.#failed(null, invalidRequest());
    const { method, params = [], id } = request as { method: unknown; params?: unknown; id?: unknown };
    if (id === undefined) return null;
    const knownId = typeof id === 'string' || typeof id === 'number' ? id : null;
    try {
      if (typeof method !== 'string' || !Array.isArray(params)) throw invalidRequest();
      if (!Object.hasOwn(this.#methods, method)) throw unknownMethod();
      return { jsonrpc: '2.0', id: knownId, result: this.#methods[method]?.(params) ?? null };
    } catch (thrown) {
      return this.#failed(knownId, thrown);
    }
  }

  #failed(id: unknown, thrown: unknown): Answer {
    return { jsonrpc: '2.0', id, error: errorJson(thrown) };
  }

  /** A reader that does not read is cut off before it fills the memory. */
  #send(message: unknown): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_UNSENT_BYTES) this.#socket.terminate();
    else this.#socket.send(JSON.stringify(message));
  }
}
