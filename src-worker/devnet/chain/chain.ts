import type { DevnetInit } from '../../../src-shared/contract/devnet.ts';
import { BLOCK_HASH_COUNT, HISTORY_BLOCKS, MAX_EXTRINSICS_PER_BLOCK } from '../limits.ts';
import { spendableRao } from '../runtime/balances.ts';
import { feeOf, totalFee } from '../runtime/fees.ts';
import { Runtime } from '../runtime/runtime.ts';
import type { Store } from '../runtime/store.ts';
import { systemStorage } from '../runtime/system.ts';
import { timestampStorage } from '../runtime/timestamp.ts';
import { Executor, type Funding } from './executor.ts';
import { birthBlock, decodeExtrinsic, type Extrinsic, isSignedBy, timestampInherent } from './extrinsic.ts';
import { buildGenesis } from './genesis.ts';
import { type Block, extrinsicsRoot, type Header, headerHash, stateRoot } from './header.ts';
import { type Change, History } from './history.ts';
import { Journal } from './journal.ts';
import { Overlay } from './overlay.ts';
import { Refusal, refusals } from './refusal.ts';
import { Transactions } from './transactions.ts';

/** Block times of a chain that is sealed by hand: by number, so that two runs agree. */
const MANUAL_BLOCK_MS = 1_000;

export interface ChainListener {
  /** A new head, with the keys that changed in it. */
  onHead(block: Block, changed: readonly Change[]): void;
  onFinalized(block: Block): void;
}

interface Included {
  readonly number: number;
  readonly hash: string;
}

/** The chain itself: blocks, state, finality and the transactions that wait. Knows nothing of sockets. */
export class Chain {
  readonly runtime: Runtime;
  readonly transactions = new Transactions();
  readonly genesisHash: string;
  readonly #init: DevnetInit;
  readonly #history = new History();
  readonly #blocks = new Map<number, Block>();
  readonly #hashes = new Map<number, string>();
  readonly #numbers = new Map<string, number>();
  readonly #listeners = new Set<ChainListener>();
  readonly #funding: Funding[] = [];
  readonly #journal: Journal | null;
  #included: Included[] = [];
  #head: Block;
  #finalized = 0;
  #holdFinality = false;

  constructor(init: DevnetInit) {
    this.#init = init;
    const netuids = init.subnets.map(({ netuid }) => netuid);
    this.runtime = new Runtime({
      blockMs: init.blockMs ?? MANUAL_BLOCK_MS,
      netuids,
      rules: { refuseLoopbackAxons: init.refuseLoopbackAxons },
    });
    const genesis = buildGenesis(init, this.runtime);
    this.genesisHash = genesis.block.hash;
    this.#head = genesis.block;
    const opened = init.dataDir === null ? null : Journal.open(init.dataDir, this.genesisHash);
    this.#journal = opened?.journal ?? null;
    if (opened?.recovered) {
      const { snapshot, records } = opened.recovered;
      for (const [number, hash] of snapshot.hashes) this.#remember(number, hash);
      this.#history.load(snapshot.block.header.number, snapshot.state);
      this.#place(snapshot.block);
      for (const { block, changes } of records) {
        this.#history.apply(block.header.number, changes);
        this.#place(block);
      }
      this.#finalized = Math.max(0, this.headNumber - init.finalityLag);
    } else {
      this.#history.apply(0, genesis.changes);
      this.#place(genesis.block);
      this.#snapshot();
      // Clients expect a chain that has begun.
      this.seal();
    }
  }

  get head(): Block {
    return this.#head;
  }

  get headNumber(): number {
    return this.#head.header.number;
  }

  get finalizedNumber(): number {
    return this.#finalized;
  }

  get oldestState(): number {
    return this.#history.oldest;
  }

  /** How many values are held for all blocks together; bounded by the history that is kept. */
  get heldValues(): number {
    return this.#history.size;
  }

  listen(listener: ChainListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  hashOf(number: number): string | null {
    return this.#hashes.get(number) ?? null;
  }

  numberOf(hash: string): number | null {
    return this.#numbers.get(hash) ?? null;
  }

  block(number: number): Block | null {
    return this.#blocks.get(number) ?? null;
  }

  read(key: string, block: number): Uint8Array | null {
    return this.#history.at(key, block);
  }

  keys(prefix: string, block: number): string[] {
    return this.#history.keys(prefix, block);
  }

  /** Typed view of the state at a block; writes go nowhere. */
  storeAt(block: number): Store {
    return this.runtime.store({ read: (key) => this.#history.at(key, block), write: () => {} });
  }

  nonceOf(account: string): number {
    return this.storeAt(this.headNumber).get(systemStorage.Account, account).nonce;
  }

  /** TAO for an account, in the next block. */
  fund(funding: Funding): void {
    this.#funding.push(funding);
  }

  holdFinality(hold: boolean): void {
    this.#holdFinality = hold;
    if (!hold) this.#finalize();
  }

  /** Takes a transaction into the pool: the cheap checks first, the signature last. @throws {Refusal} */
  submit(bytes: Uint8Array): Extrinsic {
    const decoded = this.#decode(bytes);
    this.transactions.expect(decoded);
    const nonce = this.nonceOf(decoded.signer);
    if (decoded.nonce < nonce) throw refusals.outdated();
    this.#checkMeans(decoded, this.storeAt(this.headNumber));
    const birth = this.#birth(decoded);
    if (!isSignedBy(decoded, this.genesisHash, birth.hash)) throw refusals.badSignature();
    const extrinsic = { ...decoded, lastBlock: birth.lastBlock };
    this.transactions.add(extrinsic, nonce, this.headNumber);
    return extrinsic;
  }

  /** Builds the next block, keeps it, then tells. @returns its number. */
  seal(): number {
    const number = this.headNumber + 1;
    const overlay = new Overlay((key) => this.#history.at(key, number - 1));
    const executor = new Executor(this.runtime, overlay, number);
    executor.initialize(this.#head.hash, number - BLOCK_HASH_COUNT);
    for (const funding of this.#funding.splice(0)) executor.fund(funding);
    const nowMs = this.#clock(number);
    executor.setTime(nowMs);
    const taken = this.#execute(executor);
    executor.finish();
    const changes = overlay.changes();
    const extrinsics = [timestampInherent(nowMs, this.runtime.codecs), ...taken.map(({ bytes }) => bytes)];
    const header: Header = {
      parentHash: this.#head.hash,
      number,
      stateRoot: stateRoot(this.#head.header.stateRoot, changes),
      extrinsicsRoot: extrinsicsRoot(extrinsics),
    };
    const block: Block = { hash: headerHash(header), header, extrinsics };
    this.#journal?.append({ block, changes });
    this.#history.apply(number, changes);
    this.#place(block);
    if (this.#journal?.isFull(number)) this.#snapshot();
    this.#announce(block, changes, taken);
    return number;
  }

  close(): void {
    this.#journal?.close();
  }

  #decode(bytes: Uint8Array): Extrinsic {
    let extrinsic: Extrinsic;
    try {
      extrinsic = decodeExtrinsic(bytes, this.runtime.codecs);
    } catch (thrown) {
      throw refusals.malformed(thrown instanceof Error ? thrown.message : 'undecodable');
    }
    if (this.runtime.rule(extrinsic.call).inherent) throw refusals.callNotExpected();
    return extrinsic;
  }

  /** @throws {Refusal} when fee and tip are more than the signer may spend. */
  #checkMeans({ call, tipRao, bytes, signer }: Extrinsic, store: Store): void {
    const fee = totalFee(feeOf(this.runtime.refTime(call), bytes.length, this.runtime.pays(call))) + tipRao;
    if (fee > 0n && spendableRao(store, signer) < fee) throw refusals.cannotPay();
  }

  /** The block that a transaction's era counts from, as the next block sees it. @throws {Refusal} */
  #birth({ era }: Extrinsic): { readonly hash: string; readonly lastBlock: number } {
    if (!era) return { hash: this.genesisHash, lastBlock: Number.POSITIVE_INFINITY };
    const building = this.headNumber + 1;
    const birth = birthBlock(era, building);
    const hash = birth <= this.headNumber && building < birth + era.period ? this.hashOf(birth) : null;
    if (hash === null) throw refusals.ancientBirthBlock();
    return { hash, lastBlock: birth + era.period - 1 };
  }

  #execute(executor: Executor): Extrinsic[] {
    const taken: Extrinsic[] = [];
    for (const extrinsic of this.transactions.ready(MAX_EXTRINSICS_PER_BLOCK)) {
      try {
        this.#checkMeans(extrinsic, executor.context.store);
      } catch (thrown) {
        if (!(thrown instanceof Refusal)) throw thrown;
        this.transactions.remove(extrinsic, 'invalid');
        continue;
      }
      // Its forerunner may just have been refused, or its account have ended: then it waits.
      if (executor.context.store.get(systemStorage.Account, extrinsic.signer).nonce !== extrinsic.nonce)
        continue;
      taken.push(extrinsic);
      executor.apply(extrinsic, taken.length);
    }
    return taken;
  }

  /** Order that clients rely on: head, storage, inBlock, then finalized heads, finalized. */
  #announce(block: Block, changes: readonly Change[], taken: readonly Extrinsic[]): void {
    for (const listener of this.#listeners) listener.onHead(block, changes);
    for (const extrinsic of taken) {
      this.#included.push({ number: block.header.number, hash: extrinsic.hash });
      this.transactions.remove(extrinsic, { inBlock: block.hash });
    }
    this.transactions.advance((signer) => this.nonceOf(signer), block.header.number + 1);
    this.#finalize();
  }

  #finalize(): void {
    if (this.#holdFinality) return;
    while (this.#finalized < this.headNumber - this.#init.finalityLag) {
      const block = this.#blocks.get(++this.#finalized);
      if (!block) continue; // a stall longer than the history: its bodies are gone
      for (const listener of this.#listeners) listener.onFinalized(block);
    }
    const final = this.#included.filter(({ number }) => number <= this.#finalized);
    this.#included = this.#included.filter(({ number }) => number > this.#finalized);
    for (const { number, hash } of final)
      this.transactions.tell(hash, { finalized: this.hashOf(number) ?? '' });
  }

  #clock(number: number): number {
    const { genesisTimeMs, blockMs } = this.#init;
    if (blockMs === null) return genesisTimeMs + number * MANUAL_BLOCK_MS;
    const last = Number(this.storeAt(number - 1).get(timestampStorage.Now));
    return Math.max(last + 1, Date.now());
  }

  #place(block: Block): void {
    const { number } = block.header;
    this.#head = block;
    this.#blocks.set(number, block);
    this.#blocks.delete(number - HISTORY_BLOCKS);
    this.#remember(number, block.hash);
  }

  #remember(number: number, hash: string): void {
    this.#hashes.set(number, hash);
    this.#numbers.set(hash, number);
    // Genesis stays: clients ask for it whenever they connect.
    const old = number - BLOCK_HASH_COUNT;
    const gone = old > 0 ? this.#hashes.get(old) : undefined;
    if (gone !== undefined) this.#numbers.delete(gone);
    if (old > 0) this.#hashes.delete(old);
  }

  #snapshot(): void {
    this.#journal?.begin({
      block: this.#head,
      genesisHash: this.genesisHash,
      state: [...this.#history.head()],
      hashes: [...this.#hashes],
    });
  }
}
