import type { WebSocket } from 'ws';
import type { Chain } from '../chain/chain.ts';
import { MAX_QUEUED_BYTES, MAX_UNSENT_BYTES } from '../limits.ts';
import { Frame } from './frame.ts';
import type { Method } from './methods.ts';
import { type Room, Subscriptions } from './subscriptions.ts';
import type { Stepwise, Turns } from './turns.ts';
import type { Weather } from './weather.ts';

/** What all connections of one endpoint share. */
export interface Shared {
  readonly chain: Chain;
  readonly methods: Readonly<Record<string, Method>>;
  readonly turns: Turns;
  /** What subscriptions of all connections together may hold. */
  readonly room: Room;
  readonly weather: Weather;
}

/** One client's connection: requests in, answers and notifications out, in the order in which they came. */
export class RpcClient implements Stepwise {
  readonly #socket: WebSocket;
  readonly #turns: Turns;
  readonly #weather: Weather;
  readonly #subscriptions: Subscriptions;
  readonly #methods: Readonly<Record<string, Method>>;
  readonly #received: Buffer[] = [];
  #receivedBytes = 0;
  #frame: Frame | null = null;
  #afterAnswer: (() => void)[] = [];
  #lastHeardMs: number | null = null;

  constructor(socket: WebSocket, { chain, methods, turns, room, weather }: Shared) {
    this.#socket = socket;
    this.#turns = turns;
    this.#weather = weather;
    this.#subscriptions = new Subscriptions(
      chain,
      room,
      (method, subscription, result) =>
        this.#send(JSON.stringify({ jsonrpc: '2.0', method, params: { subscription, result } })),
      (step) => this.#afterAnswer.push(step),
    );
    const own = this.#subscriptions.methods();
    const names = [...Object.keys(methods), ...Object.keys(own), 'rpc_methods'].sort();
    this.#methods = { ...methods, ...own, rpc_methods: () => ({ methods: names }) };
  }

  /** How long nothing has come from this client, in ms of the monotonic clock; null: it has never spoken. */
  get silentMs(): number | null {
    return this.#lastHeardMs === null ? null : performance.now() - this.#lastHeardMs;
  }

  /** Whether it waits for nothing: no subscription, no request under way. */
  get isIdle(): boolean {
    return this.#subscriptions.count === 0 && this.#frame === null && this.#received.length === 0;
  }

  /** Takes one frame and answers it when its turn comes. A client that sends faster than that is read no further. */
  receive(frame: Buffer): void {
    this.#lastHeardMs = performance.now();
    this.#received.push(frame);
    this.#receivedBytes += frame.length;
    if (this.#receivedBytes > MAX_QUEUED_BYTES) this.#socket.pause();
    this.#turns.add(this);
  }

  /** Answers one request; after a frame's last one sends the answer, then what its subscriptions begin with. */
  step(): boolean {
    this.#frame ??= this.#nextFrame();
    if (!this.#frame) return false;
    if (!this.#frame.isAnswered) this.#frame.step(this.#methods);
    if (this.#frame.isAnswered) {
      const { answer } = this.#frame;
      this.#frame = null;
      if (answer !== null) this.#send(answer);
      for (const begin of this.#afterAnswer.splice(0)) begin();
    }
    return this.#frame !== null || this.#received.length > 0;
  }

  close(): void {
    this.#turns.drop(this);
    this.#received.length = 0;
    this.#frame = null;
    this.#afterAnswer = [];
    this.#subscriptions.close();
  }

  #nextFrame(): Frame | null {
    const bytes = this.#received.shift();
    if (!bytes) return null;
    this.#receivedBytes -= bytes.length;
    if (this.#socket.isPaused && this.#receivedBytes <= MAX_QUEUED_BYTES) this.#socket.resume();
    return new Frame(bytes.toString());
  }

  /** A reader that does not read is cut off before it fills the memory. */
  #send(text: string): void {
    const isTaken = this.#weather.deliver(() => {
      if (this.#socket.readyState !== this.#socket.OPEN) return;
      if (this.#socket.bufferedAmount > MAX_UNSENT_BYTES) this.#socket.terminate();
      else this.#socket.send(text);
    });
    if (!isTaken) this.#socket.terminate();
  }
}
