import { join } from 'node:path';
import { inSlices } from '../../../src-node/portions.ts';
import { sha256 } from '../../../src-node/sha256.ts';
import { withLimit } from '../../../src-node/waits.ts';
import type { ChunkCoder } from '../../../src-shared/codec/chunk-coder.ts';
import type { Edge, ReduceReport } from '../../../src-shared/contract/swarm.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import type { ChunkGrid } from '../../../src-shared/reduce/chunks.ts';
import { listOf } from '../../../src-shared/rounds/averaged-list.ts';
import { exchangeTimes } from '../../../src-shared/rounds/exchange-times.ts';
import type { Roster } from '../../../src-shared/rounds/messages.ts';
import { resultsDigestInPortions } from '../../../src-shared/rounds/results-list.ts';
import type { SignEd25519 } from '../../../src-shared/rounds/signed.ts';
import { spoolFolder } from '../../../src-shared/spool.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import { FIRST_FRAME_LIMIT_MS, ROUNDS_KEPT } from '../limits.ts';
import type { Network, PeerLink } from '../net/link.ts';
import type { SpoolDisk } from '../spool-disk.ts';
import { type Average, sealedManifest } from './average.ts';
import { Exchange } from './exchange.ts';
import { FrameSource } from './frame-source.ts';
import { decodeOpen, frameTypes } from './frames.ts';
import { serveWanted } from './gather.ts';
import { keepAlive } from './keep-alive.ts';
import { RoundPlan } from './plan.ts';
import { reportOfSealed } from './report.ts';

/** What a round came to before a restart. */
export interface Sealed {
  readonly plan: RoundPlan;
  readonly report: ReduceReport;
  readonly resultsDigest: Hex;
}

interface ReduceCall {
  readonly round: number;
  readonly roster: Roster;
  readonly rosterDigest: Hex;
  /** Of the round's first block. */
  readonly blockHash: Hex;
  /** Times of the profile times this. */
  readonly slowdown: number;
  /** Final blocks since the agreed roster came to this member. */
  readonly rosterAgoBlocks: number;
}

/** All rounds of this node: the running one, the last ones for those who lack results, and streams that came early. */
export class Butterfly {
  readonly #init: ButterflyInit;
  readonly #calls = new Map<Hex, Promise<ReduceReport>>();
  readonly #exchanges = new Map<Hex, Exchange>();
  /** Sealed before a restart: nothing of these is served any more. */
  readonly #over = new Map<string, Sealed>();
  readonly #early = new Map<Ss58, { readonly digest: string; readonly end: () => void }>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #stopping = new AbortController();

  constructor(init: ButterflyInit) {
    this.#init = init;
    const patienceMs = exchangeTimes(1, init.consensus).endMs;
    init.network.handle('reduce', (link, from) => this.#onStream(link, from, patienceMs));
    init.network.handle('results', (link, from) => this.#onWant(link, from, patienceMs));
  }

  /** Runs the round once; called again for the same roster it returns the same report. */
  reduce(given: ReduceCall, signal: AbortSignal): Promise<ReduceReport> {
    const known = this.#calls.get(given.rosterDigest);
    if (known) return known;
    const call = this.#run(given, signal);
    this.#calls.set(given.rosterDigest, call);
    call.catch(() => this.#calls.delete(given.rosterDigest));
    return call;
  }

  async #run(
    { round, roster, rosterDigest, blockHash, slowdown, rosterAgoBlocks }: ReduceCall,
    signal: AbortSignal,
  ): Promise<ReduceReport> {
    if (roster.round !== round) throw new AppError('ROSTER_INVALID', { round, reason: 'round' });
    const { grid, consensus, network, coder } = this.#init;
    const plan = new RoundPlan({
      ...{ roster, rosterDigest, blockHash, slowdown, grid, consensus, ...(coder && { coder }) },
      hotkey: network.self,
    });
    const folder = join(this.#init.spoolDir, spoolFolder(round));
    const sealed = await sealedManifest(rosterDigest, folder);
    if (sealed) {
      const report = reportOfSealed(plan, sealed);
      const resultsDigest = await inSlices(resultsDigestInPortions(listOf(sealed), sha256), signal);
      this.#over.set(rosterDigest, { plan, report, resultsDigest });
      return report;
    }
    const exchange = await Exchange.create({
      plan,
      rosterAgoBlocks,
      folder,
      network,
      sign: this.#init.sign,
      disk: this.#init.disk,
      signal: AbortSignal.any([signal, this.#stopping.signal]),
      onEdges: (edges) => this.#init.onEdges(round, edges),
    });
    try {
      await this.#dropOld();
      const report = exchange.run();
      // Its chunks are open now: what comes on a stream that waited for it would else be taken for late.
      this.#keep(rosterDigest, exchange);
      return await report;
    } catch (thrown) {
      this.#exchanges.delete(rosterDigest);
      await exchange.dispose();
      throw thrown;
    }
  }

  /** What is known of a round's traffic; for receipts. */
  exchangeOf(round: number): Exchange | null {
    return [...this.#exchanges.values()].find(({ plan }) => plan.roster.round === round) ?? null;
  }

  /** The results that this node holds of a round that it ran, each checked; null where it ran none. */
  resultsOf(rosterDigest: Hex): Pick<Average, 'has' | 'read' | 'sizeOf'> | null {
    return this.#exchanges.get(rosterDigest)?.average ?? null;
  }

  /** Its files are given back: what was averaged of that round is made anew, from another list. */
  async release(rosterDigest: Hex): Promise<void> {
    const exchange = this.#exchanges.get(rosterDigest);
    this.#exchanges.delete(rosterDigest);
    this.#calls.delete(rosterDigest);
    this.#over.delete(rosterDigest);
    await exchange?.dispose();
  }

  /** An average of that roster that was sealed before a restart. */
  sealedOf(rosterDigest: Hex): Sealed | null {
    return this.#over.get(rosterDigest) ?? null;
  }

  heldExchange(rosterDigest: Hex): Exchange | null {
    return this.#exchanges.get(rosterDigest) ?? null;
  }

  /** The exchange over that roster, also one that begins within the time of a round; null where none does. */
  exchangeOver(rosterDigest: Hex): Promise<Exchange | null> {
    const patienceMs = exchangeTimes(1, this.#init.consensus).endMs;
    return this.#exchangeFor(rosterDigest, null, patienceMs, () => () => {});
  }

  /** Whether somebody takes part in a round that is held here. */
  isMember(rosterDigest: Hex, hotkey: Ss58): boolean {
    const { plan } = this.#exchanges.get(rosterDigest) ?? this.#over.get(rosterDigest) ?? {};
    return plan?.indexOf(hotkey) != null;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const early of this.#early.values()) early.end();
    for (const exchange of this.#exchanges.values()) await exchange.dispose();
    this.#exchanges.clear();
  }

  #keep(digest: Hex, exchange: Exchange): void {
    this.#exchanges.set(digest, exchange);
    for (const wake of this.#waiting.get(digest) ?? []) wake();
  }

  /** Makes room for one more round. */
  async #dropOld(): Promise<void> {
    for (const [key, old] of [...this.#exchanges].slice(0, -ROUNDS_KEPT)) {
      this.#exchanges.delete(key);
      this.#calls.delete(key);
      await old.dispose();
    }
  }

  /** A member opened a stream. It may know the roster before our host does: then it is kept alive until we start. */
  async #onStream(link: PeerLink, from: Ss58, patienceMs: number): Promise<void> {
    const source = new FrameSource(link, this.#init.grid, from);
    const limit = setTimeout(() => link.abort(), FIRST_FRAME_LIMIT_MS);
    const opened = await source.next().finally(() => clearTimeout(limit));
    const open = opened?.type === frameTypes.open ? decodeOpen(opened.payload) : null;
    if (!opened || !open) return link.abort();
    const digest = Buffer.from(open.rosterDigest).toString('hex');
    const exchange = await this.#exchangeFor(digest, from, patienceMs, () => keepAlive(link, opened.tag));
    if (!exchange) return link.abort();
    await exchange.attach(from, link, source, opened);
  }

  async #onWant(link: PeerLink, from: Ss58, patienceMs: number): Promise<void> {
    const signal = withLimit(this.#stopping.signal, patienceMs);
    await serveWanted(link, from, signal, async ({ rosterDigest }) => {
      const exchange = await this.#exchangeFor(rosterDigest, null, patienceMs, () => () => {});
      if (!exchange) return null;
      await exchange.mainOver;
      const { plan, average } = exchange;
      return { plan, read: (chunk, digest) => average.read(chunk, digest) };
    });
  }

  /** The exchange of that roster; waits for it when it has not begun. One waiting stream per peer. */
  async #exchangeFor(
    digest: string,
    from: Ss58 | null,
    patienceMs: number,
    hold: () => () => void,
  ): Promise<Exchange | null> {
    const known = this.#exchanges.get(digest as Hex);
    if (known) return known;
    if (this.#over.has(digest)) return null;
    const release = hold();
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(digest) ?? new Set();
    this.#waiting.set(digest, waiting.add(resolve));
    const entry = { digest, end: resolve };
    if (from) {
      this.#early.get(from)?.end();
      this.#early.set(from, entry);
    }
    const timer = setTimeout(resolve, patienceMs);
    await promise;
    clearTimeout(timer);
    release();
    waiting.delete(resolve);
    if (waiting.size === 0) this.#waiting.delete(digest);
    if (from && this.#early.get(from) === entry) this.#early.delete(from);
    return this.#exchanges.get(digest as Hex) ?? null;
  }
}

export interface ButterflyInit {
  readonly network: Network;
  readonly grid: ChunkGrid;
  readonly consensus: Consensus;
  /** Another one than the profile's. */
  readonly coder?: ChunkCoder;
  readonly spoolDir: string;
  readonly sign: SignEd25519;
  readonly disk: SpoolDisk;
  readonly onEdges: (round: number, edges: Edge[]) => void;
}
