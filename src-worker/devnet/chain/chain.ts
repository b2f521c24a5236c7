import { utf8ToBytes } from '@noble/hashes/utils.js';
import { beaconSecretFrom } from '../../../src-node/timelock.ts';
import type { DevnetInit } from '../../../src-shared/contract/devnet.ts';
import type { AppError } from '../../../src-shared/errors/app-error.ts';
import {
  BLOCK_HASH_COUNT,
  HISTORY_BLOCKS,
  MAX_EXTRINSICS_PER_BLOCK,
  MAX_ISSUANCE_RAO,
  MAX_PENDING_FUNDINGS,
} from '../limits.ts';
import { spendableRao } from '../runtime/balances.ts';
import { feeOf, totalFee } from '../runtime/fees.ts';
import { Runtime } from '../runtime/runtime.ts';
import type { Store } from '../runtime/store.ts';
import { subnets } from '../runtime/subtensor/storage.ts';
import { systemStorage } from '../runtime/system.ts';
import { timestampStorage } from '../runtime/timestamp.ts';
import { type Clocks, machineClocks, nextTimeMs } from './chain-time.ts';
import { Executor, type Funding } from './executor.ts';
import { birthBlock, decodeExtrinsic, type Extrinsic, isSignedBy, timestampInherent } from './extrinsic.ts';
import { buildGenesis, type Genesis } from './genesis.ts';
import { type Block, extrinsicsRoot, type Header, headerHash, stateRoot } from './header.ts';
import { type Change, History } from './history.ts';
import { Journal, type OpenedJournal } from './journal.ts';
import type { WriteAt } from './journal-files.ts';
import type { Snapshot } from './journal-line.ts';
import { Overlay } from './overlay.ts';
import type { BlockRange } from './recovery.ts';
import { Refusal, refusals } from './refusal.ts';
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

/** A transaction in a block that is not final yet. */
interface Included {
  readonly number: number;
  readonly extrinsic: Extrinsic;
}

/** A block that nobody has heard of yet. */
interface Built {
  readonly block: Block;
  readonly changes: readonly Change[];
  readonly taken: readonly Extrinsic[];
  readonly funded: number;
}

/** A transaction whose signature holds, and the nonce that its account has now. */
export interface Verified {
  readonly extrinsic: Extrinsic;
  readonly nonce: number;
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
  readonly #blocks = new Map<number, Block>();
  readonly #hashes = new Map<number, string>();
  readonly #numbers = new Map<string, number>();
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
  #included: Included[] = [];
  #head: Block;
  #finalized = 0;
  #holdFinality = false;
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
    this.#head = genesis.block;
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
    return this.#head;
  }

  get headNumber(): number {
    return this.#head.header.number;
  }

  get finalizedNumber(): number {
    return this.#finalized;
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
    return this.#hashes.get(number) ?? null;
  }

  numberOf(hash: string): number | null {
    return this.#numbers.get(hash) ?? null;
  }

  block(number: number): Block | null {
    return this.#blocks.get(number) ?? null;
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
    this.#holdFinality = hold;
    if (!hold) this.#finalize();
  }

  /** Takes a transaction into the pool: the cheap checks first, the signature last. @throws {Refusal} */
  submit(bytes: Uint8Array): Extrinsic {
    const decoded = this.#decode(bytes);
    this.transactions.expect(decoded);
    const { extrinsic, nonce } = this.#verify(decoded);
    this.transactions.add(extrinsic, nonce, this.headNumber);
    return extrinsic;
  }

  /** Whether the next block could take a transaction, without taking it into the pool. @throws {Refusal} */
  validate(bytes: Uint8Array): Verified {
    return this.#verify(this.#decode(bytes));
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
    this.#place(block);
    this.#announce(block, changes, taken);
    return number;
  }

  /**
   * Takes back the newest blocks, as a node does that finds a longer chain: their transactions wait again, and the next
   * blocks are others. Whoever listens hears of it with the next one.
   * @throws {Refusal} for final blocks, and for a chain on disk, whose journal only grows
   */
  takeBack(blocks: number): void {
    const to = this.headNumber - blocks;
    const parent = this.#blocks.get(to);
    if (this.#journal || blocks < 1 || to < this.#finalized || !parent) throw refusals.notReversible();
    const waitAgain = this.#included.filter(({ number }) => number > to);
    this.#included = this.#included.filter(({ number }) => number <= to);
    const hashes = new Map(this.#hashes);
    this.#reverted = new Set([...this.#reverted, ...this.#history.revert(to)]);
    for (let number = this.headNumber; number > to; number--) this.#forget(number);
    this.#head = parent;
    this.#branch++;
    for (const { number, extrinsic } of waitAgain) {
      this.transactions.tell(extrinsic.hash, { retracted: hashes.get(number) ?? '' });
      this.transactions.add(extrinsic, this.nonceOf(extrinsic.signer), to);
    }
  }

  close(): void {
    this.#journal?.close();
  }

  #start(genesis: Genesis): void {
    this.#history.apply(0, genesis.changes);
    this.#place(genesis.block);
    this.#journal?.begin(this.#genesisState(genesis));
    // Clients expect a chain that has begun.
    this.seal();
  }

  #goOn({ snapshot, records }: NonNullable<OpenedJournal['recovered']>): void {
    for (const [number, hash] of snapshot.hashes) this.#remember(number, hash);
    this.#history.load(snapshot.block.header.number, snapshot.state);
    this.#place(snapshot.block);
    for (const { block, changes } of records) {
      this.#history.apply(block.header.number, changes);
      this.#place(block);
    }
    this.#finalized = Math.max(0, this.headNumber - this.#init.finalityLag);
    const { blockMs } = records.at(-1) ?? snapshot;
    if (this.#init.blockMs !== null && blockMs !== null) this.#blockMs = blockMs;
  }

  #build(): Built {
    // A segment that had no room is begun now: the state before this block is the one it starts with.
    if (this.#journal?.isFull(this.headNumber)) this.#journal.begin(this.#state());
    const number = this.headNumber + 1;
    const overlay = new Overlay((key) => this.#history.at(key, number - 1));
    const executor = new Executor(this.runtime, overlay, number);
    executor.initialize(this.#head.hash, number - BLOCK_HASH_COUNT);
    const funded = this.#funding.length;
    for (const funding of this.#funding) executor.fund(funding);
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
    return { block: { hash: headerHash(header), header, extrinsics }, changes, taken, funded };
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

  /** @throws {Refusal} */
  #verify(decoded: Extrinsic): Verified {
    const nonce = this.nonceOf(decoded.signer);
    if (decoded.nonce < nonce) throw refusals.outdated();
    this.#checkMeans(decoded, this.storeAt(this.headNumber));
    const birth = this.#birth(decoded);
    if (!isSignedBy(decoded, this.genesisHash, birth.hash)) throw refusals.badSignature();
    return { extrinsic: { ...decoded, lastBlock: birth.lastBlock }, nonce };
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
      if (this.#apply(executor, extrinsic, taken.length + 1)) taken.push(extrinsic);
    }
    return taken;
  }

  /** One that the rules cannot even refuse (a fault of ours) leaves nothing behind: it must not stop the chain. */
  #apply(executor: Executor, extrinsic: Extrinsic, index: number): boolean {
    try {
      executor.apply(extrinsic, index);
      return true;
    } catch (thrown) {
      console.error(`transaction ${extrinsic.hash} of ${extrinsic.signer} cannot be executed`, thrown);
      this.transactions.remove(extrinsic, 'invalid');
      return false;
    }
  }

  /** Order that clients rely on: head, storage, inBlock, then finalized heads, finalized. */
  #announce(block: Block, changes: readonly Change[], taken: readonly Extrinsic[]): void {
    const reverted = [...this.#reverted].map((key) => [key, this.read(key, block.header.number)] as const);
    this.#reverted = new Set();
    const changed = new Map([...reverted, ...changes]);
    for (const listener of this.#listeners) listener.onHead(block, changed);
    for (const extrinsic of taken) {
      this.#included.push({ number: block.header.number, extrinsic });
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
    for (const { number, extrinsic } of final)
      this.transactions.tell(extrinsic.hash, { finalized: this.hashOf(number) ?? '' });
  }

  #clock(number: number): number {
    if (this.#blockMs === null) return this.#init.genesisTimeMs + number * MANUAL_BLOCK_MS + this.#branch;
    const lastMs = Number(this.storeAt(number - 1).get(timestampStorage.Now));
    return nextTimeMs(lastMs, this.#clocks.monotonicMs() - this.#sealedAtMs, this.#clocks.wallMs());
  }

  #place(block: Block): void {
    const { number } = block.header;
    this.#head = block;
    this.#blocks.set(number, block);
    this.#blocks.delete(number - HISTORY_BLOCKS);
    this.#remember(number, block.hash);
  }

  #forget(number: number): void {
    this.#blocks.delete(number);
    const hash = this.#hashes.get(number);
    if (hash !== undefined) this.#numbers.delete(hash);
    this.#hashes.delete(number);
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

  #state(): Snapshot {
    return {
      block: this.#head,
      genesisHash: this.genesisHash,
      state: [...this.#history.head()],
      hashes: [...this.#hashes],
      blockMs: this.#blockMs,
    };
  }

  #genesisState({ block, changes }: Genesis): Snapshot {
    const hashes = [[0, block.hash]] as const;
    return { block, genesisHash: block.hash, state: changes, hashes, blockMs: this.#blockMs };
  }
}
