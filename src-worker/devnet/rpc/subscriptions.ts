import type { Chain } from '../chain/chain.ts';
import { type Block, headerJson } from '../chain/header.ts';
import type { Change } from '../chain/history.ts';
import { MAX_EXTRINSIC_BYTES, MAX_SUBSCRIPTIONS_PER_SOCKET } from '../limits.ts';
import { runtimeVersionJson } from '../runtime/version.ts';
import { toHex } from '../scale/hex.ts';
import { tooMany } from './failure.ts';
import { changeSet, type Method } from './methods.ts';
import { hexParam, keysParam } from './params.ts';

/** Sends one notification. */
export type Notify = (method: string, subscription: string, result: unknown) => void;
/** Runs a step after the answer to the current request has gone out: the id first, then its first notification. */
export type AfterAnswer = (step: () => void) => void;

let lastId = 0;

/** The subscriptions of one socket; they end with it. */
export class Subscriptions {
  readonly #chain: Chain;
  readonly #notify: Notify;
  readonly #afterAnswer: AfterAnswer;
  readonly #ends = new Map<string, () => void>();

  constructor(chain: Chain, notify: Notify, afterAnswer: AfterAnswer) {
    this.#chain = chain;
    this.#notify = notify;
    this.#afterAnswer = afterAnswer;
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
    for (const end of this.#ends.values()) end();
    this.#ends.clear();
  }

  #heads(method: string, kind: 'head' | 'finalized'): string {
    const id = this.#begin();
    const tell = ({ header }: Block) => this.#notify(method, id, headerJson(header));
    const current = kind === 'head' ? this.#chain.head : this.#chain.block(this.#chain.finalizedNumber);
    this.#afterAnswer(() => current && tell(current));
    const listener =
      kind === 'head' ? { onHead: tell, onFinalized: () => {} } : { onHead: () => {}, onFinalized: tell };
    this.#ends.set(id, this.#chain.listen(listener));
    return id;
  }

  #runtimeVersion(): string {
    const id = this.#begin();
    this.#afterAnswer(() => this.#notify('state_runtimeVersion', id, runtimeVersionJson));
    this.#ends.set(id, () => {});
    return id;
  }

  /** First all keys at once, then those that change, block by block. */
  #storage(keys: readonly string[]): string {
    const id = this.#begin();
    const watched = new Set(keys);
    this.#afterAnswer(() =>
      this.#notify('state_storage', id, changeSet(this.#chain, keys, this.#chain.headNumber)),
    );
    const onHead = ({ hash }: Block, changed: readonly Change[]) => {
      const changes = changed
        .filter(([key]) => watched.has(key))
        .map(([key, value]) => [key, value && toHex(value)]);
      if (changes.length > 0) this.#notify('state_storage', id, { block: hash, changes });
    };
    this.#ends.set(id, this.#chain.listen({ onHead, onFinalized: () => {} }));
    return id;
  }

  #submit(bytes: Uint8Array): string {
    const id = this.#begin();
    const { hash } = this.#chain.submit(bytes);
    const isReady = this.#chain.transactions.isReady(hash);
    this.#afterAnswer(() => this.#notify('author_extrinsicUpdate', id, isReady ? 'ready' : 'future'));
    const watch = this.#chain.transactions.watch(hash, (status) =>
      this.#notify('author_extrinsicUpdate', id, status),
    );
    this.#ends.set(id, watch);
    return id;
  }

  #begin(): string {
    if (this.#ends.size >= MAX_SUBSCRIPTIONS_PER_SOCKET) throw tooMany('subscriptions on one connection');
    return `practice-${++lastId}`;
  }

  #end(id: unknown): boolean {
    const end = typeof id === 'string' ? this.#ends.get(id) : undefined;
    if (!end || typeof id !== 'string') return false;
    end();
    return this.#ends.delete(id);
  }
}
