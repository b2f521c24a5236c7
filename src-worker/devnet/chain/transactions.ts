import { FUTURE_BLOCKS, MAX_POOL, MAX_POOL_PER_SIGNER } from '../limits.ts';
import type { Extrinsic } from './extrinsic.ts';
import { refusals } from './refusal.ts';

export type Status =
  | 'ready'
  | 'future'
  | 'invalid'
  | 'dropped'
  | { readonly inBlock: string }
  /** That block is in no chain any more; the transaction waits again. */
  | { readonly retracted: string }
  | { readonly finalized: string }
  | { readonly usurped: string };
export type Watcher = (status: Status) => void;

/** The block that is built next, and the version that its transactions are signed for. */
export interface Next {
  readonly block: number;
  readonly specVersion: number;
}

const canStandIn = ({ block, specVersion }: Next, extrinsic: Extrinsic): boolean =>
  extrinsic.lastBlock >= block && extrinsic.specVersion === specVersion;

interface Waiting {
  readonly extrinsic: Extrinsic;
  readonly arrivedAt: number;
  readonly order: number;
  ready: boolean;
}

/** Verified transactions that wait for a block, by signer and nonce; and those who watch them. */
export class Transactions {
  readonly #bySigner = new Map<string, Map<number, Waiting>>();
  readonly #hashes = new Set<string>();
  readonly #watchers = new Map<string, Set<Watcher>>();
  #order = 0;

  get size(): number {
    return this.#hashes.size;
  }

  /** Cheap checks that need no signature. @throws {Refusal} */
  expect({ hash, signer, nonce, tipRao }: Extrinsic): void {
    if (this.#hashes.has(hash)) throw refusals.alreadyImported();
    const mine = this.#bySigner.get(signer);
    const rival = mine?.get(nonce);
    if (rival && rival.extrinsic.tipRao >= tipRao) throw refusals.priorityTooLow();
    if (!rival && (this.size >= MAX_POOL || (mine?.size ?? 0) >= MAX_POOL_PER_SIGNER))
      throw refusals.poolFull();
  }

  /** Takes a verified transaction; one of the same nonce and a lower tip gives way. */
  add(extrinsic: Extrinsic, accountNonce: number, block: number): void {
    const { signer, nonce, hash } = extrinsic;
    const mine = this.#bySigner.get(signer) ?? new Map<number, Waiting>();
    this.#bySigner.set(signer, mine);
    const rival = mine.get(nonce);
    if (rival) this.#drop(rival, { usurped: hash });
    mine.set(nonce, { extrinsic, arrivedAt: block, order: this.#order++, ready: false });
    this.#bySigner.set(signer, mine);
    this.#hashes.add(hash);
    this.#promote(signer, accountNonce);
    if (!mine.get(nonce)?.ready) this.#tell(hash, 'future');
  }

  /** The nonce that follows everything of this signer that is ready. */
  nextNonce(signer: string, accountNonce: number): number {
    const mine = this.#bySigner.get(signer);
    let nonce = accountNonce;
    while (mine?.has(nonce)) nonce++;
    return nonce;
  }

  /** Ready transactions in order of arrival, each signer's in order of nonce. */
  ready(limit: number): Extrinsic[] {
    const waiting = [...this.#bySigner.values()].flatMap((mine) =>
      [...mine.values()].filter(({ ready }) => ready),
    );
    const queues = Map.groupBy(waiting, ({ extrinsic }) => extrinsic.signer);
    for (const queue of queues.values()) queue.sort((a, b) => a.extrinsic.nonce - b.extrinsic.nonce);
    // A later nonce may have arrived first: each signer's places are filled by nonce.
    const places = waiting.sort((a, b) => a.order - b.order).map(({ extrinsic }) => extrinsic.signer);
    return places.slice(0, limit).flatMap((signer) => queues.get(signer)?.shift()?.extrinsic ?? []);
  }

  isReady(hash: string): boolean {
    return [...this.#bySigner.values()].some((mine) =>
      [...mine.values()].some((each) => each.ready && each.extrinsic.hash === hash),
    );
  }

  pending(): Extrinsic[] {
    return [...this.#bySigner.values()].flatMap((mine) =>
      [...mine.values()].map(({ extrinsic }) => extrinsic),
    );
  }

  /** Takes a transaction out and says why. */
  remove({ signer, nonce, hash }: Extrinsic, status: Status): void {
    const waiting = this.#bySigner.get(signer)?.get(nonce);
    if (waiting?.extrinsic.hash === hash) this.#drop(waiting, status);
  }

  /**
   * Nonces have moved, and perhaps the runtime: what can no longer be in the next block goes, and what waited too long
   * for an earlier nonce.
   */
  advance(nonceOf: (signer: string) => number, next: Next): void {
    for (const [signer, mine] of this.#bySigner) {
      const nonce = nonceOf(signer);
      for (const waiting of [...mine.values()]) {
        if (waiting.extrinsic.nonce < nonce || !canStandIn(next, waiting.extrinsic))
          this.#drop(waiting, 'invalid');
        else if (!waiting.ready && next.block - waiting.arrivedAt > FUTURE_BLOCKS)
          this.#drop(waiting, 'dropped');
      }
      this.#promote(signer, nonce);
    }
  }

  watch(hash: string, watcher: Watcher): () => void {
    const watchers = this.#watchers.get(hash) ?? new Set();
    this.#watchers.set(hash, watchers.add(watcher));
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0) this.#watchers.delete(hash);
    };
  }

  /** Final statuses end the watch. */
  tell(hash: string, status: Status): void {
    this.#tell(hash, status);
  }

  #promote(signer: string, accountNonce: number): void {
    const mine = this.#bySigner.get(signer);
    for (let nonce = accountNonce; ; nonce++) {
      const waiting = mine?.get(nonce);
      if (!waiting) return;
      if (!waiting.ready) this.#tell(waiting.extrinsic.hash, 'ready');
      waiting.ready = true;
    }
  }

  #drop(waiting: Waiting, status: Status): void {
    const { signer, nonce, hash } = waiting.extrinsic;
    const mine = this.#bySigner.get(signer);
    mine?.delete(nonce);
    if (mine?.size === 0) this.#bySigner.delete(signer);
    this.#hashes.delete(hash);
    this.#tell(hash, status);
  }

  #tell(hash: string, status: Status): void {
    for (const watcher of [...(this.#watchers.get(hash) ?? [])]) watcher(status);
    const isLast =
      typeof status === 'string'
        ? status === 'invalid' || status === 'dropped'
        : 'finalized' in status || 'usurped' in status;
    if (isLast) this.#watchers.delete(hash);
  }
}
