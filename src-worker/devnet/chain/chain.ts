import type { DevnetInit } from '../../../src-shared/contract/devnet.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { release393 } from '../runtime/release.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { CODE_KEY, releaseIn } from '../runtime/runtimes.ts';
import { netuidsOf } from '../runtime/subtensor/networks.ts';
import { subnets } from '../runtime/subtensor/storage.ts';
import { timestampStorage } from '../runtime/timestamp.ts';
import { Admission } from './admission.ts';
import { Blocks } from './blocks.ts';
import { type Built, buildBlock } from './build.ts';
import { type Clocks, machineClocks, Pace } from './chain-time.ts';
import type { Funding } from './executor.ts';
import type { Extrinsic } from './extrinsic.ts';
import { Finality } from './finality.ts';
import { buildGenesis, type Genesis, runtimesOf } from './genesis.ts';
import type { Block } from './header.ts';
import { type Change, History } from './history.ts';
import { Journal, type OpenedJournal } from './journal.ts';
import type { WriteAt } from './journal-files.ts';
import type { Snapshot } from './journal-line.ts';
import { type Order, Orders } from './orders.ts';
import type { BlockRange } from './recovery.ts';
import { refusals } from './refusal.ts';
import { States } from './states.ts';
import { Transactions } from './transactions.ts';

export interface ChainListener {
  /** A new head, with the keys that changed in it. */
  onHead(block: Block, changed: ReadonlyMap<string, Uint8Array | null>): void;
  onFinalized(block: Block): void;
}

/** What tests put in the place of the machine's own. */
export interface Machine {
  readonly clocks: Clocks;
  readonly write: WriteAt;
}

/** The chain itself: blocks, state, finality and the transactions that wait. Knows nothing of sockets. */
export class Chain {
  /** What can be read of blocks that were. */
  readonly states: States;
  readonly admission: Admission;
  readonly transactions = new Transactions();
  readonly genesisHash: string;
  readonly #init: DevnetInit;
  readonly #history = new History();
  readonly #blocks: Blocks;
  readonly #finality: Finality;
  readonly #listeners = new Set<ChainListener>();
  readonly #orders = new Orders();
  readonly #journal: Journal | null;
  readonly #pace: Pace;
  /** Whether the chain was there before. */
  readonly hasBegun: boolean;
  /** Blocks that the journal once held and that are gone for good. */
  readonly lost: BlockRange | null;
  /** What a person should know of the journal's damage. */
  readonly notices: readonly AppError[];
  /** Keys whose values of blocks that were taken back nobody has been told to be gone. */
  #reverted: ReadonlySet<string> = new Set();

  /** @throws {AppError} DEVNET_STATE_FOREIGN, or what the disk says */
  constructor(init: DevnetInit, { clocks = machineClocks, write }: Partial<Machine> = {}) {
    this.#init = init;
    this.#pace = new Pace(init, clocks);
    const runtimes = runtimesOf(init);
    this.states = new States(this.#history, runtimes);
    const genesis = buildGenesis(init, runtimes.of(release393));
    this.genesisHash = genesis.block.hash;
    this.#blocks = new Blocks(genesis.block);
    this.admission = new Admission(this.states, this.#blocks);
    this.#finality = new Finality(this.#blocks, this.transactions, init.finalityLag);
    const opened =
      init.dataDir === null ? null : Journal.open(init.dataDir, this.#genesisState(genesis), write);
    this.#journal = opened?.journal ?? null;
    this.hasBegun = opened?.recovered != null;
    this.lost = opened?.lost ?? null;
    this.notices = opened?.notices ?? [];
    if (opened?.recovered) this.#goOn(opened.recovered);
    else this.#start(genesis);
  }

  get head(): Block {
    return this.#blocks.head;
  }

  get headNumber(): number {
    return this.#blocks.headNumber;
  }

  get finalizedNumber(): number {
    return this.#finality.number;
  }

  /** Time between blocks; null where they are sealed on request only. */
  get blockMs(): number | null {
    return this.#pace.blockMs;
  }

  /** The runtime that the next block is built by, and what waits for it is checked by. */
  get runtime(): Runtime {
    return this.states.runtimeAt(this.headNumber);
  }

  listen(listener: ChainListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  hashOf(number: number): string | null {
    return this.#blocks.hashOf(number);
  }

  numberOf(hash: string): number | null {
    return this.#blocks.numberOf(hash);
  }

  block(number: number): Block | null {
    return this.#blocks.body(number);
  }

  nonceOf(account: string): number {
    return this.states.nonceAt(account, this.headNumber);
  }

  /** TAO for an account, in the next block. @throws {Refusal} where it is more than the chain can issue */
  fund(funding: Funding): void {
    this.#orders.fund(funding, this.states.storeAt(this.headNumber).get(subnets.TotalIssuance));
  }

  /** Ends a subnet with the next block. @throws {Refusal} where it is not there */
  dissolve(netuid: number): void {
    const netuids = netuidsOf(this.states.storeAt(this.headNumber), this.runtime.config.netuids);
    this.#orders.dissolve(netuid, netuids);
  }

  /**
   * Another runtime: the next block brings it, and the one after that is built by its rules.
   * @param specVersion null: the newest that is known
   * @returns the first block of the new rules
   * @throws {Refusal} for a release that is not known here, or not newer
   */
  upgrade(specVersion: number | null): number {
    this.#orders.upgrade(specVersion, this.runtime.release);
    return this.headNumber + 2;
  }

  /** From the next block on, and kept with it. Only for a chain that seals by time. @param blockMs as in DevnetInit */
  setBlockMs(blockMs: number): void {
    this.#pace.set(blockMs);
  }

  holdFinality(hold: boolean): void {
    this.#finality.hold(hold);
    this.#finalize();
  }

  /** Takes a transaction into the pool: the cheap checks first, the signature last. @throws {Refusal} */
  submit(bytes: Uint8Array): Extrinsic {
    const head = this.headNumber;
    const { extrinsic, nonce } = this.admission.verify(bytes, head, (decoded) =>
      this.transactions.expect(decoded),
    );
    this.transactions.add(extrinsic, nonce, head);
    return extrinsic;
  }

  /**
   * Builds the next block, keeps it, then tells. Where that fails nothing has happened, and it may be tried again.
   * @returns its number
   * @throws {AppError} DISK_FULL
   */
  seal(): number {
    const { block, changes, taken, order } = this.#build();
    const { number } = block.header;
    this.#journal?.append({ block, changes, blockMs: this.blockMs });
    this.#orders.done(order);
    this.#pace.sealed();
    this.#history.apply(number, changes);
    this.#blocks.place(block);
    this.#announce(block, changes, taken);
    return number;
  }

  /**
   * Takes back the newest blocks, as a node does that finds a longer chain: their transactions wait again, and the next
   * blocks are others. Whoever listens hears of it with the next one. TAO that was given in them by `fund` is gone.
   * @throws {Refusal} for final blocks, and for more than are kept
   * @throws {AppError} what the disk says; then as many are taken back as it could forget
   */
  takeBack(blocks: number): void {
    const to = this.headNumber - blocks;
    if (blocks < 1 || to < this.#finality.number || !this.#blocks.body(to)) throw refusals.notReversible();
    const gone = new Map<number, string>();
    this.#pace.branched();
    try {
      while (this.headNumber > to) this.#dropHead(gone);
    } finally {
      for (const { number, extrinsic } of this.#finality.takeBack(this.headNumber)) {
        this.transactions.tell(extrinsic.hash, { retracted: gone.get(number) ?? '' });
        this.transactions.add(extrinsic, this.nonceOf(extrinsic.signer), this.headNumber);
      }
      // With the blocks their runtime may have gone, and with it what was signed for it.
      this.#advance();
    }
  }

  /** One block, from the disk first: where that fails it is still the head. */
  #dropHead(gone: Map<number, string>): void {
    const { hash, header } = this.head;
    const { number } = header;
    const parent = this.#blocks.body(number - 1);
    if (!parent) throw refusals.notReversible();
    this.#journal?.dropNewest(number);
    this.#reverted = new Set([...this.#reverted, ...this.#history.revert(number - 1)]);
    this.#blocks.takeBack(parent);
    gone.set(number, hash);
  }

  close(): void {
    this.#journal?.close();
  }

  #start(genesis: Genesis): void {
    this.#history.apply(0, genesis.changes);
    this.#blocks.place(genesis.block);
    this.#journal?.begin(this.#genesisState(genesis));
    // Clients expect a chain that has begun.
    this.seal();
  }

  #goOn({ snapshot, records }: NonNullable<OpenedJournal['recovered']>): void {
    for (const [number, hash] of snapshot.hashes) this.#blocks.remember(number, hash);
    this.#history.load(snapshot.block.header.number, snapshot.state);
    this.#blocks.place(snapshot.block);
    for (const { block, changes } of records) {
      this.#history.apply(block.header.number, changes);
      this.#blocks.place(block);
    }
    const code = this.#history.at(CODE_KEY, this.headNumber);
    if (code && !releaseIn(code)) {
      this.close();
      throw new AppError('DEVNET_STATE_FOREIGN', { path: this.#init.dataDir ?? '' });
    }
    this.#finality.goOn();
    const { blockMs } = records.at(-1) ?? snapshot;
    this.#pace.set(blockMs);
  }

  #build(): Built & { readonly order: Order } {
    // A segment that had no room is begun now: the state before this block is the one it starts with.
    if (this.#journal?.isFull(this.headNumber)) this.#journal.begin(this.#state());
    const order = this.#orders.waiting();
    const lastMs = Number(this.states.storeAt(this.headNumber).get(timestampStorage.Now));
    const timeMs = this.#pace.timeOf(this.headNumber + 1, lastMs);
    const { runtime, transactions, head: parent } = this;
    const built = buildBlock({ runtime, transactions, parent, order, timeMs, history: this.#history });
    return { ...built, order };
  }

  /** Order that clients rely on: head, storage, inBlock, then finalized heads, finalized. */
  #announce(block: Block, changes: readonly Change[], taken: readonly Extrinsic[]): void {
    const { number } = block.header;
    const reverted = [...this.#reverted].map((key) => [key, this.states.read(key, number)] as const);
    this.#reverted = new Set();
    const changed = new Map([...reverted, ...changes]);
    if (changed.has(CODE_KEY)) changed.set(CODE_KEY, this.states.read(CODE_KEY, number));
    for (const listener of this.#listeners) listener.onHead(block, changed);
    for (const extrinsic of taken) {
      this.#finality.include(number, extrinsic);
      this.transactions.remove(extrinsic, { inBlock: block.hash });
    }
    this.#advance();
    this.#finalize();
  }

  #advance(): void {
    const next = { block: this.headNumber + 1, specVersion: this.runtime.release.specVersion };
    this.transactions.advance((signer) => this.nonceOf(signer), next);
  }

  #finalize(): void {
    this.#finality.advance((block) => {
      for (const listener of this.#listeners) listener.onFinalized(block);
    });
  }

  #state(): Snapshot {
    return {
      block: this.head,
      genesisHash: this.genesisHash,
      state: [...this.#history.head()],
      hashes: this.#blocks.hashes,
      blockMs: this.blockMs,
    };
  }

  #genesisState({ block, changes }: Genesis): Snapshot {
    const hashes = [[0, block.hash]] as const;
    return { block, genesisHash: block.hash, state: changes, hashes, blockMs: this.blockMs };
  }
}
