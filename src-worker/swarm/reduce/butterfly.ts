import { join } from 'node:path';
import type { Edge, ReduceReport } from '../../../src-shared/contract/swarm.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import type { ChunkGrid } from '../../../src-shared/reduce/chunks.ts';
import type { Roster } from '../../../src-shared/rounds/messages.ts';
import type { SignEd25519 } from '../../../src-shared/rounds/signed.ts';
import { spoolFolder } from '../../../src-shared/spool.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import { ROUNDS_KEPT } from '../limits.ts';
import type { Link, Network } from '../net/link.ts';
import { FrameSource } from './frame-source.ts';
import { decodeOpen, frameTypes } from './frames.ts';
import { serveWanted } from './gather.ts';
import { keepAlive } from './keep-alive.ts';
import { RoundPlan } from './plan.ts';
import { Session } from './session.ts';

interface ReduceCall {
  readonly round: number;
  readonly roster: Roster;
  readonly rosterDigest: Hex;
}

/** All rounds of this node: the running one, the last ones for those who lack results, and streams that came early. */
export class Butterfly {
  readonly #init: ButterflyInit;
  readonly #calls = new Map<Hex, Promise<ReduceReport>>();
  readonly #sessions = new Map<Hex, Session>();
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

  async #run({ round, roster, rosterDigest }: ReduceCall, signal: AbortSignal): Promise<ReduceReport> {
    if (roster.round !== round) throw new AppError('ROSTER_INVALID', { round, reason: 'round' });
    const { grid, consensus, network } = this.#init;
    const plan = new RoundPlan({ roster, rosterDigest, grid, consensus, hotkey: network.self });
    const session = await Session.create({
      plan,
      folder: join(this.#init.spoolDir, spoolFolder(round)),
      network,
      sign: this.#init.sign,
      onEdges: (edges) => this.#init.onEdges(round, edges),
    });
    await this.#keep(rosterDigest, session);
    try {
      return await session.run(AbortSignal.any([signal, this.#stopping.signal]));
    } catch (thrown) {
      this.#sessions.delete(rosterDigest);
      await session.dispose();
      throw isDiskFull(thrown) ? new AppError('DISK_FULL', { path: this.#init.spoolDir }, thrown) : thrown;
    }
  }

  /** What is known of a round's traffic; for receipts. */
  sessionOf(round: number): Session | null {
    return [...this.#sessions.values()].find(({ plan }) => plan.roster.round === round) ?? null;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const early of this.#early.values()) early.end();
    for (const session of this.#sessions.values()) await session.dispose();
    this.#sessions.clear();
  }

  async #keep(digest: Hex, session: Session): Promise<void> {
    this.#sessions.set(digest, session);
    for (const wake of this.#waiting.get(digest) ?? []) wake();
    for (const [key, old] of [...this.#sessions].slice(0, -ROUNDS_KEPT - 1)) {
      this.#sessions.delete(key);
      this.#calls.delete(key);
      await old.dispose();
    }
  }

  /** A member opened a stream. It may know the roster before our host does: then it is kept alive until we start. */
  async #onStream(link: Link, from: Ss58, patienceMs: number): Promise<void> {
    const source = new FrameSource(link, this.#init.grid, from);
    const opened = await source.next();
    const open = opened?.type === frameTypes.open ? decodeOpen(opened.payload) : null;
    if (!opened || !open) return link.abort();
    const digest = Buffer.from(open.rosterDigest).toString('hex');
    const session = await this.#sessionFor(digest, from, patienceMs, () => keepAlive(link, opened.tag));
    if (!session) return link.abort();
    await session.attach(from, link, source, opened);
  }

  async #onWant(link: Link, from: Ss58, patienceMs: number): Promise<void> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(patienceMs)]);
    await serveWanted(link, from, signal, async ({ rosterDigest }) => {
      const session = await this.#sessionFor(rosterDigest, null, patienceMs, () => () => {});
      if (!session) return null;
      await session.mainOver;
      const { plan, average } = session;
      return { plan, read: (chunk) => average.read(chunk) };
    });
  }

  /** The session of that roster; waits for it when it has not begun. One waiting stream per peer. */
  async #sessionFor(
    digest: string,
    from: Ss58 | null,
    patienceMs: number,
    hold: () => () => void,
  ): Promise<Session | null> {
    const known = this.#sessions.get(digest as Hex);
    if (known) return known;
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
    return this.#sessions.get(digest as Hex) ?? null;
  }
}

export interface ButterflyInit {
  readonly network: Network;
  readonly grid: ChunkGrid;
  readonly consensus: Consensus;
  readonly spoolDir: string;
  readonly sign: SignEd25519;
  readonly onEdges: (round: number, edges: Edge[]) => void;
}

const isDiskFull = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC';
