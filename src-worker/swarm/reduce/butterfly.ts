import { join } from 'node:path';
import { withLimit } from '../../../src-node/waits.ts';
import type { Edge, ReduceReport } from '../../../src-shared/contract/swarm.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import type { ChunkGrid } from '../../../src-shared/reduce/chunks.ts';
import type { Roster } from '../../../src-shared/rounds/messages.ts';
import type { SignEd25519 } from '../../../src-shared/rounds/signed.ts';
import { spoolFolder } from '../../../src-shared/spool.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import { FIRST_FRAME_LIMIT_MS, ROUNDS_KEPT } from '../limits.ts';
import type { Network, PeerLink } from '../net/link.ts';
import type { SpoolDisk } from '../spool-disk.ts';
import { sealedManifest } from './average.ts';
import { Exchange } from './exchange.ts';
import { FrameSource } from './frame-source.ts';
import { decodeOpen, frameTypes } from './frames.ts';
import { serveWanted } from './gather.ts';
import { keepAlive } from './keep-alive.ts';
import { RoundPlan } from './plan.ts';
import { reportOfSealed } from './report.ts';

interface ReduceCall {
  readonly round: number;
  readonly roster: Roster;
  readonly rosterDigest: Hex;
  /** Deadlines of the profile times this. */
  readonly slowdown: number;
}

/** All rounds of this node: the running one, the last ones for those who lack results, and streams that came early. */
export class Butterfly {
  readonly #init: ButterflyInit;
  readonly #calls = new Map<Hex, Promise<ReduceReport>>();
  readonly #exchanges = new Map<Hex, Exchange>();
  /** Sealed before a restart: nothing of these is served any more. */
  readonly #over = new Set<string>();
  readonly #early = new Map<Ss58, { readonly digest: string; readonly end: () => void }>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #stopping = new AbortController();

  constructor(init: ButterflyInit) {
    this.#init = init;
    const patienceMs = init.consensus.reduce.hardDeadlineMs;
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
    { round, roster, rosterDigest, slowdown }: ReduceCall,
    signal: AbortSignal,
  ): Promise<ReduceReport> {
    if (roster.round !== round) throw new AppError('ROSTER_INVALID', { round, reason: 'round' });
    const { grid, consensus, network } = this.#init;
    const plan = new RoundPlan({ roster, rosterDigest, grid, consensus, hotkey: network.self, slowdown });
    const folder = join(this.#init.spoolDir, spoolFolder(round));
    const sealed = await sealedManifest(rosterDigest, folder);
    if (sealed) {
      this.#over.add(rosterDigest);
      return reportOfSealed(plan, sealed);
    }
    const exchange = await Exchange.create({
      plan,
      folder,
      network,
      sign: this.#init.sign,
      disk: this.#init.disk,
      signal: AbortSignal.any([signal, this.#stopping.signal]),
      onEdges: (edges) => this.#init.onEdges(round, edges),
    });
    await this.#keep(rosterDigest, exchange);
    try {
      return await exchange.run();
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

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const early of this.#early.values()) early.end();
    for (const exchange of this.#exchanges.values()) await exchange.dispose();
    this.#exchanges.clear();
  }

  async #keep(digest: Hex, exchange: Exchange): Promise<void> {
    this.#exchanges.set(digest, exchange);
    for (const wake of this.#waiting.get(digest) ?? []) wake();
    for (const [key, old] of [...this.#exchanges].slice(0, -ROUNDS_KEPT - 1)) {
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
      return { plan, read: (chunk) => average.read(chunk) };
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
  readonly spoolDir: string;
  readonly sign: SignEd25519;
  readonly disk: SpoolDisk;
  readonly onEdges: (round: number, edges: Edge[]) => void;
}
