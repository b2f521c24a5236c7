import type { Chain, ChainListener } from '../chain/chain.ts';
import { type Block, headerJson } from '../chain/header.ts';
import type { Status } from '../chain/transactions.ts';
import {
  MAX_EXTRINSIC_BYTES,
  MAX_SUBSCRIPTIONS,
  MAX_SUBSCRIPTIONS_PER_SOCKET,
  MAX_WATCHED_KEYS,
  MAX_WATCHED_KEYS_PER_SOCKET,
} from '../limits.ts';
import { runtimeVersionJson } from '../runtime/version.ts';
import { toHex } from '../scale/hex.ts';
import { tooMany } from './failure.ts';
import { changeSet, type Method } from './methods.ts';
import { hexParam, keysParam } from './params.ts';

/** Sends one notification. */
export type Notify = (method: string, subscription: string, result: unknown) => void;
/** Runs a step after the answer to the current request has gone out: the id first, then its first notification. */
export type AfterAnswer = (step: () => void) => void;

/** How much the subscriptions of a socket, or of all of them, hold. */
export interface Room {
  subscriptions: number;
  keys: number;
}

export const emptyRoom = (): Room => ({ subscriptions: 0, keys: 0 });

let lastId = 0;

/** The subscriptions of one socket; they end with it. */
export class Subscriptions {
  readonly #chain: Chain;
  readonly #all: Room;
  readonly #own = emptyRoom();
  readonly #notify: Notify;
  readonly #afterAnswer: AfterAnswer;
  readonly #ends = new Map<string, () => void>();

  constructor(chain: Chain, all: Room, notify: Notify, afterAnswer: AfterAnswer) {
    this.#chain = chain;
    this.#all = all;
    this.#notify = notify;
    this.#afterAnswer = afterAnswer;
  }

  get count(): number {
    return this.#ends.size;
  }

  methods(): Record<string, Method> {
    const end: Method = ([id]) => this.#end(id);
    const newHeads: Method = () => this.#heads('chain_newHead', 'head');
    const allHeads: Method = () => this.#heads('chain_allHead', 'head');
    const finalizedHeads: Method = () => this.#heads('chain_finalizedHead', 'finalized');
    const runtimeVersion: Method = () => this.#runtimeVersion();
    return {
      chain_subscribeNewHead: newHeads,
      chain_subscribeNewHeads: newHeads,
      chain_unsubscribeNewHead: end,
      chain_unsubscribeNewHeads: end,
      chain_subscribeAllHeads: allHeads,
      chain_unsubscribeAllHeads: end,
      chain_subscribeFinalizedHeads: finalizedHeads,
      chain_unsubscribeFinalizedHeads: end,
      state_subscribeRuntimeVersion: runtimeVersion,
      state_unsubscribeRuntimeVersion: end,
      chain_subscribeRuntimeVersion: runtimeVersion,
      chain_unsubscribeRuntimeVersion: end,
      state_subscribeStorage: ([keys]) => this.#storage(keysParam(keys)),
      state_unsubscribeStorage: end,
      author_submitAndWatchExtrinsic: ([bytes]) =>
        this.#submit(hexParam(bytes, 'extrinsic', MAX_EXTRINSIC_BYTES)),
      author_unwatchExtrinsic: end,
    };
  }

  close(): void {
    for (const end of [...this.#ends.values()]) end();
  }

  #heads(method: string, kind: 'head' | 'finalized'): string {
    const id = this.#newId();
    const tell = ({ header }: Block) => this.#notify(method, id, headerJson(header));
    const listener: ChainListener =
      kind === 'head' ? { onHead: tell, onFinalized: () => {} } : { onHead: () => {}, onFinalized: tell };
    this.#begin(id, 0, () => {
      const current = kind === 'head' ? this.#chain.head : this.#chain.block(this.#chain.finalizedNumber);
      if (current) tell(current);
      return this.#chain.listen(listener);
    });
    return id;
  }

  /** At once, and after each block that brings another runtime, or takes one back. */
  #runtimeVersion(): string {
    const id = this.#newId();
    let told = 0;
    const tell = () => {
      const { version, release } = this.#chain.runtime;
      if (release.specVersion === told) return;
      told = release.specVersion;
      this.#notify('state_runtimeVersion', id, runtimeVersionJson(version));
    };
    this.#begin(id, 0, () => {
      tell();
      return this.#chain.listen({ onHead: tell, onFinalized: () => {} });
    });
    return id;
  }

  /** First all keys at once, then those that change, block by block. */
  #storage(keys: readonly string[]): string {
    const id = this.#newId();
    const onHead: ChainListener['onHead'] = ({ hash }, changed) => {
      const changes = keys.flatMap((key) => {
        const value = changed.get(key);
        return value === undefined ? [] : [[key, value && toHex(value)]];
      });
      if (changes.length > 0) this.#notify('state_storage', id, { block: hash, changes });
    };
    this.#begin(id, keys.length, () => {
      this.#notify('state_storage', id, changeSet(this.#chain, keys, this.#chain.headNumber));
      return this.#chain.listen({ onHead, onFinalized: () => {} });
    });
    return id;
  }

  /** What becomes of the transaction before the answer has gone out is told right after it. */
  #submit(bytes: Uint8Array): string {
    const id = this.#newId();
    const { hash } = this.#chain.submit(bytes);
    const early: Status[] = [this.#chain.transactions.isReady(hash) ? 'ready' : 'future'];
    const tell = (status: Status) => this.#notify('author_extrinsicUpdate', id, status);
    let take = (status: Status): void => {
      early.push(status);
    };
    const unwatch = this.#chain.transactions.watch(hash, (status) => take(status));
    this.#begin(id, 0, () => {
      take = tell;
      for (const status of early) tell(status);
      return unwatch;
    });
    const end = this.#ends.get(id);
    this.#ends.set(id, () => {
      unwatch();
      end?.();
    });
    return id;
  }

  /** @throws {RpcFailure} where this socket or all together hold too many. */
  #newId(): string {
    if (this.#own.subscriptions >= MAX_SUBSCRIPTIONS_PER_SOCKET)
      throw tooMany('subscriptions on one connection');
    if (this.#all.subscriptions >= MAX_SUBSCRIPTIONS) throw tooMany('subscriptions');
    return `practice-${++lastId}`;
  }

  /** Counts a subscription in, and starts it once its id is with the client. @param start returns what ends it */
  #begin(id: string, keys: number, start: () => () => void): void {
    if (this.#own.keys + keys > MAX_WATCHED_KEYS_PER_SOCKET) throw tooMany('watched keys on one connection');
    if (this.#all.keys + keys > MAX_WATCHED_KEYS) throw tooMany('watched keys');
    const count = (sign: 1 | -1) => {
      for (const room of [this.#own, this.#all]) {
        room.subscriptions += sign;
        room.keys += sign * keys;
      }
    };
    count(1);
    let stop = () => {};
    this.#ends.set(id, () => {
      stop();
      count(-1);
      this.#ends.delete(id);
    });
    this.#afterAnswer(() => {
      if (this.#ends.has(id)) stop = start();
    });
  }

  #end(id: unknown): boolean {
    const end = typeof id === 'string' ? this.#ends.get(id) : undefined;
    end?.();
    return end !== undefined;
  }
}
