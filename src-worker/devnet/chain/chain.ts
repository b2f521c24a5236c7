import { utf8ToBytes } from '@noble/hashes/utils.js';
import { beaconSecretFrom } from '../../../src-node/timelock.ts';
import type { DevnetInit } from '../../../src-shared/contract/devnet.ts';
import type { AppError } from '../../../src-shared/errors/app-error.ts';
import { MAX_ISSUANCE_RAO, MAX_PENDING_FUNDINGS } from '../limits.ts';
import { Runtime } from '../runtime/runtime.ts';
import type { Store } from '../runtime/store.ts';
import { subnets } from '../runtime/subtensor/storage.ts';
import { systemStorage } from '../runtime/system.ts';
import { timestampStorage } from '../runtime/timestamp.ts';
import { decode, type Verified, verify } from './admission.ts';
import { Blocks } from './blocks.ts';
import { type Built, buildBlock } from './build.ts';
import { type Clocks, machineClocks, nextTimeMs } from './chain-time.ts';
import type { Funding } from './executor.ts';
import type { Extrinsic } from './extrinsic.ts';
import { Finality } from './finality.ts';
import { buildGenesis, type Genesis } from './genesis.ts';
import type { Block } from './header.ts';
import { type Change, History } from './history.ts';
import { Journal, type OpenedJournal } from './journal.ts';
import type { WriteAt } from './journal-files.ts';
import type { Snapshot } from './journal-line.ts';
import type { BlockRange } from './recovery.ts';
import { refusals } from './refusal.ts';
import { Transactions } from './transactions.ts';

/** `:code`, which no pallet owns. */
const CODE_KEY = '0x3a636f6465';

/** Block times of a chain that is sealed by hand: by number, so that two runs agree. */
const MANUAL_BLOCK_MS = 1_000;

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
  readonly runtime: Runtime;
  readonly transactions = new Transactions();
  readonly genesisHash: string;
  readonly #init: DevnetInit;
  readonly #history = new History();
  readonly #blocks: Blocks;
  readonly #finality: Finality;
  readonly #listeners = new Set<ChainListener>();
  readonly #funding: Funding[] = [];
  readonly #journal: Journal | null;
  readonly #clocks: Clocks;
  readonly #code: Uint8Array;
  /** Whether the chain was there before. */
  readonly hasBegun: boolean;
  /** Blocks that the journal once held and that are gone for good. */
  readonly lost: BlockRange | null;
  /** What a person should know of the journal's damage. */
  readonly notices: readonly AppError[];
  #blockMs: number | null;
  #sealedAtMs: number;
  /** How often blocks were taken back: another branch has other times, and so other hashes. */
  #branch = 0;
  /** Keys whose values of blocks that were taken back nobody has been told to be gone. */
  #reverted: ReadonlySet<string> = new Set();

  /** @throws {AppError} DEVNET_STATE_FOREIGN, or what the disk says */
  constructor(init: DevnetInit, { clocks = machineClocks, write }: Partial<Machine> = {}) {
    this.#init = init;
    this.#clocks = clocks;
    this.#sealedAtMs = clocks.monotonicMs();
    this.#blockMs = init.blockMs;
    const netuids = init.subnets.map(({ netuid }) => netuid);
    this.runtime = new Runtime({
      blockMs: init.blockMs ?? MANUAL_BLOCK_MS,
      netuids,
      rules: {
        refuseLoopbackAxons: init.refuseLoopbackAxons,
        beaconSecret: beaconSecretFrom(utf8ToBytes(`butterfly devnet beacon ${init.seed}`)),
      },
    });
    this.#code = this.runtime.code;
    const genesis = buildGenesis(init, this.runtime);
    this.genesisHash = genesis.block.hash;
    this.#blocks = new Blocks(genesis.block);
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
    return this.#blockMs;
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
    return this.#blocks.hashOf(number);
  }

  numberOf(hash: string): number | null {
    return this.#blocks.numberOf(hash);
  }

  block(number: number): Block | null {
    return this.#blocks.body(number);
  }

  read(key: string, block: number): Uint8Array | null {
    if (key === CODE_KEY) return this.#code;
    return this.#history.at(key, block);
  }

  keys(prefix: string, block: number): string[] {
    return this.#history.keys(prefix, block);
  }

  /** Typed view of the state at a block; writes go nowhere. */
  storeAt(block: number): Store {
    return this.runtime.store({
      read: (key) => this.#history.at(key, block),
      write: () => {},
      keys: (prefix) => this.#history.keys(prefix, block),
    });
  }

  nonceOf(account: string): number {
    return this.storeAt(this.headNumber).get(systemStorage.Account, account).nonce;
  }

  /** TAO for an account, in the next block. @throws {Refusal} where it is more than the chain can issue */
  fund(funding: Funding): void {
    if (this.#funding.length >= MAX_PENDING_FUNDINGS) throw refusals.tooManyFundings();
    const issued = this.storeAt(this.headNumber).get(subnets.TotalIssuance);
    const promised = this.#funding.reduce((sum, { amountRao }) => sum + amountRao, funding.amountRao);
    if (issued + promised > MAX_ISSUANCE_RAO) throw refusals.overIssued();
    this.#funding.push(funding);
  }

  /** From the next block on, and kept with it. Only for a chain that seals by time. @param blockMs as in DevnetInit */
  setBlockMs(blockMs: number): void {
    if (this.#init.blockMs !== null) this.#blockMs = blockMs;
  }

  holdFinality(hold: boolean): void {
    this.#finality.hold(hold);
    this.#finalize();
  }

  /** Takes a transaction into the pool: the cheap checks first, the signature last. @throws {Refusal} */
  submit(bytes: Uint8Array): Extrinsic {
    const decoded = decode(this.runtime, bytes);
    this.transactions.expect(decoded);
    const { extrinsic, nonce } = this.#verify(decoded, this.headNumber);
    this.transactions.add(extrinsic, nonce, this.headNumber);
    return extrinsic;
  }

  /** Whether the block after `block` could have taken a transaction; the pool stays as it is. @throws {Refusal} */
  validate(bytes: Uint8Array, block: number): Verified {
    return this.#verify(decode(this.runtime, bytes), block);
  }

  /**
   * Builds the next block, keeps it, then tells. Where that fails nothing has happened, and it may be tried again.
   * @returns its number
   * @throws {AppError} DISK_FULL
   */
  seal(): number {
    const { block, changes, taken, funded } = this.#build();
    const { number } = block.header;
    this.#journal?.append({ block, changes, blockMs: this.#blockMs });
    this.#funding.splice(0, funded);
    this.#sealedAtMs = this.#clocks.monotonicMs();
    this.#history.apply(number, changes);
    this.#blocks.place(block);
    this.#announce(block, changes, taken);
    return number;
  }

  /**
   * Takes back the newest blocks, as a node does that finds a longer chain: their transactions wait again, and the next
   * blocks are others. Whoever listens hears of it with the next one. TAO that was given in them by `fund` is gone.
   * @throws {Refusal} for final blocks, and for a chain on disk, whose journal only grows
   */
  takeBack(blocks: number): void {
    const to = this.headNumber - blocks;
    const parent = this.#blocks.body(to);
    if (this.#journal || blocks < 1 || to < this.#finality.number || !parent) throw refusals.notReversible();
    const waitAgain = this.#finality.takeBack(to);
    this.#reverted = new Set([...this.#reverted, ...this.#history.revert(to)]);
    const gone = this.#blocks.takeBack(parent);
    this.#branch++;
    for (const { number, extrinsic } of waitAgain) {
      this.transactions.tell(extrinsic.hash, { retracted: gone.get(number) ?? '' });
      this.transactions.add(extrinsic, this.nonceOf(extrinsic.signer), to);
    }
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
    this.#finality.goOn();
    const { blockMs } = records.at(-1) ?? snapshot;
    if (this.#init.blockMs !== null && blockMs !== null) this.#blockMs = blockMs;
  }

  #build(): Built & { readonly funded: number } {
    // A segment that had no room is begun now: the state before this block is the one it starts with.
    if (this.#journal?.isFull(this.headNumber)) this.#journal.begin(this.#state());
    const funding = [...this.#funding];
    const timeMs = this.#clock(this.headNumber + 1);
    const { runtime, transactions, head: parent } = this;
    const built = buildBlock({ runtime, transactions, parent, funding, timeMs, history: this.#history });
    return { ...built, funded: funding.length };
  }

  #verify(decoded: Extrinsic, block: number): Verified {
    const seen = { runtime: this.runtime, blocks: this.#blocks, store: this.storeAt(block), block };
    return verify(decoded, seen);
  }

  /** Order that clients rely on: head, storage, inBlock, then finalized heads, finalized. */
  #announce(block: Block, changes: readonly Change[], taken: readonly Extrinsic[]): void {
    const reverted = [...this.#reverted].map((key) => [key, this.read(key, block.header.number)] as const);
    this.#reverted = new Set();
    const changed = new Map([...reverted, ...changes]);
    for (const listener of this.#listeners) listener.onHead(block, changed);
    for (const extrinsic of taken) {
      this.#finality.include(block.header.number, extrinsic);
      this.transactions.remove(extrinsic, { inBlock: block.hash });
    }
    this.transactions.advance((signer) => this.nonceOf(signer), block.header.number + 1);
    this.#finalize();
  }

  #finalize(): void {
    this.#finality.advance((block) => {
      for (const listener of this.#listeners) listener.onFinalized(block);
    });
  }

  #clock(number: number): number {
    if (this.#blockMs === null) return this.#init.genesisTimeMs + number * MANUAL_BLOCK_MS + this.#branch;
    const lastMs = Number(this.storeAt(number - 1).get(timestampStorage.Now));
    return nextTimeMs(lastMs, this.#clocks.monotonicMs() - this.#sealedAtMs, this.#clocks.wallMs());
  }

  #state(): Snapshot {
    return {
      block: this.head,
      genesisHash: this.genesisHash,
      state: [...this.#history.head()],
      hashes: this.#blocks.hashes,
      blockMs: this.#blockMs,
    };
  }

  #genesisState({ block, changes }: Genesis): Snapshot {
    const hashes = [[0, block.hash]] as const;
    return { block, genesisHash: block.hash, state: changes, hashes, blockMs: this.#blockMs };
  }
}
