import { mkdir } from 'node:fs/promises';
import { withLimit } from '../../../src-node/waits.ts';
import type { Edge, ReduceReport } from '../../../src-shared/contract/swarm.ts';
import type { SignEd25519 } from '../../../src-shared/rounds/signed.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { EDGES_EVERY_MS, GATHER_AT_SHARE, REOPEN_EVERY_MS } from '../limits.ts';
import type { Network, PeerLink } from '../net/link.ts';
import type { SpoolDisk } from '../spool-disk.ts';
import { Answers } from './answers.ts';
import { Average } from './average.ts';
import { type Contribution, openContribution } from './contribution.ts';
import { FrameSource } from './frame-source.ts';
import type { Frame, SignedResult } from './frames.ts';
import { gatherMissing } from './gather.ts';
import { Line, type LineRound } from './line.ts';
import { OwnPart } from './own-part.ts';
import type { RoundPlan } from './plan.ts';
import { edgesOf, reportOf } from './report.ts';
import { resultFault } from './results.ts';

export interface ExchangeInit {
  readonly plan: RoundPlan;
  /** The round's folder in the spool. */
  readonly folder: string;
  readonly network: Network;
  readonly sign: SignEd25519;
  readonly disk: SpoolDisk;
  /** Ends the exchange when the host cancels it. */
  readonly signal: AbortSignal;
  readonly onEdges: (edges: Edge[]) => void;
}

/**
 * One round's butterfly as one member sees it. First every member sends its chunks to their reducers and takes
 * results; then what a lost reducer left behind is asked of other members; then the average is sealed. A member that
 * is not in the roster only asks. After sealing, slow peers are still served until the hard deadline.
 */
export class Exchange implements LineRound {
  readonly plan: RoundPlan;
  readonly average: Average;
  readonly lines: ReadonlyMap<number, Line>;
  readonly startedAtMs = performance.now();
  readonly closedChunks: number[] = [];
  ownPartClosed = false;
  readonly #network: Network;
  readonly #contribution: Contribution | null;
  readonly #ownPart: OwnPart;
  readonly #onEdges: (edges: Edge[]) => void;
  readonly #signal: AbortSignal;
  readonly #none = new Set<number>();
  /** Chunks of each reducer without a known fate. */
  readonly #open: number[];
  readonly #mainOver = Promise.withResolvers<void>();
  readonly #stop: AbortController;
  readonly #answers: Answers;
  readonly #opening = new Map<number, number>();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #unsubscribe: () => void;
  #isMainOver = false;
  #isSealed = false;

  static async create(init: ExchangeInit): Promise<Exchange> {
    const { plan, folder, disk } = init;
    const stop = new AbortController();
    // Until it runs nothing else ends a wait for room on the disk.
    const opening = withLimit(init.signal, plan.reduce.hardDeadlineMs);
    const signal = AbortSignal.any([opening, stop.signal]);
    const contribution = await openContribution(plan, folder);
    let answers: Answers | null = null;
    try {
      await disk.step('open', folder, signal, () => mkdir(folder, { recursive: true }));
      answers = await Answers.open(plan, folder, disk, signal);
      const { earlier } = answers;
      const average = await Average.create(plan, folder, { disk, signal, earlier });
      return new Exchange(init, { contribution, average, answers, stop });
    } catch (error) {
      // One that cannot be closed keeps the other open no longer.
      await Promise.allSettled([contribution?.close(), answers?.close()]);
      throw error;
    }
  }

  private constructor(
    init: ExchangeInit,
    files: {
      readonly contribution: Contribution | null;
      readonly average: Average;
      readonly answers: Answers;
      readonly stop: AbortController;
    },
  ) {
    const { plan } = init;
    const { contribution, average, answers } = files;
    this.plan = plan;
    this.#answers = answers;
    this.#stop = files.stop;
    this.average = average;
    this.#network = init.network;
    this.#contribution = contribution;
    this.#onEdges = init.onEdges;
    this.#signal = init.signal;
    this.#open = plan.members.map((member) => member.chunkCount);
    this.lines = new Map(plan.self === null ? [] : this.#others().map((i) => [i, new Line(i, this)]));
    this.#ownPart = new OwnPart({
      plan,
      contribution,
      sign: init.sign,
      isExpected: (member) => this.lines.get(member)?.isExpected ?? false,
      onResult: (chunk, result) => this.#ownResult(chunk, result),
      onNone: (chunk) => this.#ownNone(chunk),
      chunks: this.#unanswered(),
    });
    for (const [chunk, answer] of answers.earlier) this.#sayAgain(chunk, answer !== null);
    this.ownPartClosed = plan.self === null || this.#isOwnPartClosed();
    this.#unsubscribe = init.network.onPeer((_hotkey, connected) => connected && this.#openLines());
  }

  /** Resolves when everything that reducers deliver by themselves is in. */
  get mainOver(): Promise<void> {
    return this.#mainOver.promise;
  }

  /**
   * @returns what it came to, with the average sealed in the spool
   * @throws when the signal aborts; then nothing is sealed
   */
  async run(): Promise<ReduceReport> {
    const signal = this.#signal;
    const { hardDeadlineMs, silentAfterMs } = this.plan.reduce;
    const stopped = () => {
      this.#stop.abort();
      this.#mainOver.resolve();
    };
    signal.addEventListener('abort', stopped, { once: true });
    try {
      signal.throwIfAborted();
      this.#timers.push(
        setTimeout(() => this.#endMain(), hardDeadlineMs * GATHER_AT_SHARE),
        setTimeout(() => this.close(), hardDeadlineMs),
        setInterval(() => this.#tick(), Math.min(EDGES_EVERY_MS, silentAfterMs / 4)),
      );
      this.#openLines();
      this.#checkMain();
      await this.#mainOver.promise;
      signal.throwIfAborted();
      await this.#ownPart.giveUp();
      await this.#gather(signal);
      signal.throwIfAborted();
      const report = reportOf(this, performance.now() - this.startedAtMs);
      await this.average.seal(signal);
      this.#isSealed = true;
      for (const line of this.lines.values()) line.notify();
      this.#onEdges(edgesOf(this));
      this.#closeIfFinished();
      return report;
    } finally {
      signal.removeEventListener('abort', stopped);
      if (signal.aborted) this.close();
    }
  }

  /** Takes a stream that a member opened to us. */
  async attach(from: Ss58, link: PeerLink, source: FrameSource, opened: Frame): Promise<void> {
    const index = this.plan.indexOf(from);
    const line = index === null ? undefined : this.lines.get(index);
    if (!line || this.#stop.signal.aborted) return link.abort();
    await line.attach(link, source, opened);
  }

  /** Ends all lines. Results can still be read until `dispose`. */
  close(): void {
    this.#stop.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#unsubscribe();
    this.#ownPart.stop();
    for (const line of this.lines.values()) line.close();
    void this.#contribution?.close().catch(() => {});
  }

  async dispose(): Promise<void> {
    this.close();
    await this.average.close();
    await this.#answers.close();
  }

  // --- what lines ask and tell

  get leaves(): readonly Uint8Array[] {
    return this.#contribution?.leaves ?? [];
  }

  readChunk(chunk: number): Promise<Uint8Array> {
    if (!this.#contribution) throw new Error('nothing to send');
    return this.#contribution.readChunk(chunk);
  }

  readResult(chunk: number): Promise<SignedResult | null> {
    return this.average.read(chunk);
  }

  isResolved(chunk: number): boolean {
    return this.average.has(chunk) || this.#none.has(chunk);
  }

  onChunk(line: Line, chunk: number, bytes: Uint8Array): void {
    const fault = this.#ownPart.add(line.index, chunk, bytes);
    if (fault) line.drop(fault);
  }

  async onResult(line: Line, chunk: number, result: SignedResult): Promise<void> {
    if (this.average.has(chunk)) return;
    const fault = this.#faultOf(chunk, result);
    if (!fault) return this.#take(chunk, result);
    line.reducerFault ??= `result: ${fault}`;
    this.onStanding(line);
  }

  onNone(line: Line, chunk: number): void {
    if (this.isResolved(chunk)) return;
    this.#none.add(chunk);
    this.#resolved(chunk);
    line.notify();
  }

  onStanding(line: Line): void {
    // Between two turns: the caller is in the middle of its own change.
    queueMicrotask(() => {
      if (this.#stop.signal.aborted) return;
      if (!line.isExpected) this.#ownPart.reconsider();
      this.#checkMain();
      this.#closeIfFinished();
    });
  }

  // --- phases

  #faultOf(chunk: number, result: SignedResult) {
    const reducer = this.plan.members[this.plan.reducerOf(chunk)]!.hotkey;
    return resultFault(this.plan, chunk, result, this.#network.peerKey(reducer));
  }

  async #take(chunk: number, result: SignedResult): Promise<void> {
    if (!(await this.average.put(chunk, result))) return;
    if (!this.#none.delete(chunk)) this.#resolved(chunk);
    this.lines.get(this.plan.reducerOf(chunk))?.notify();
  }

  async #ownResult(chunk: number, result: SignedResult): Promise<void> {
    if (!(await this.average.put(chunk, result))) return;
    await this.#answers.keep(chunk, this.average.answerOf(chunk), () => this.average.sync());
    this.#resolved(chunk);
    this.#ownClosed(chunk);
  }

  async #ownNone(chunk: number): Promise<void> {
    await this.#answers.keep(chunk, null, async () => {});
    if (!this.isResolved(chunk)) {
      this.#none.add(chunk);
      this.#resolved(chunk);
    }
    this.#ownClosed(chunk);
  }

  #ownClosed(chunk: number): void {
    this.closedChunks.push(chunk);
    this.ownPartClosed = this.#isOwnPartClosed();
    for (const line of this.lines.values()) line.notify();
  }

  #isOwnPartClosed(): boolean {
    return this.closedChunks.length === this.plan.members[this.plan.self!]!.chunkCount;
  }

  /** Own chunks that nobody has heard of. Behind a damaged file any of the others may have been answered, too. */
  #unanswered(): number[] {
    const { self } = this.plan;
    if (self === null || !this.#answers.isWhole) return [];
    return [...this.plan.part(self)].filter((chunk) => !this.#answers.earlier.has(chunk));
  }

  /** An answer from before a restart. One whose values are lost is not given again: who heard it passes it on. */
  #sayAgain(chunk: number, hadResult: boolean): void {
    if (hadResult && !this.average.has(chunk)) return;
    if (!hadResult) this.#none.add(chunk);
    this.#open[this.plan.reducerOf(chunk)]!--;
    this.closedChunks.push(chunk);
  }

  #resolved(chunk: number): void {
    this.#open[this.plan.reducerOf(chunk)]!--;
    this.#checkMain();
  }

  #checkMain(): void {
    if (this.#isMainOver) return;
    const waits = this.#open.some((count, reducer) => {
      if (count === 0) return false;
      return reducer === this.plan.self || (this.lines.get(reducer)?.mayDeliver ?? false);
    });
    if (!waits) this.#endMain();
  }

  #endMain(): void {
    this.#isMainOver = true;
    this.#mainOver.resolve();
  }

  async #gather(signal: AbortSignal): Promise<void> {
    const deadlineMs = this.startedAtMs + this.plan.reduce.hardDeadlineMs;
    const leftMs = deadlineMs - performance.now();
    if (leftMs <= 0) return;
    await gatherMissing({
      plan: this.plan,
      network: this.#network,
      signal: AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(leftMs))]),
      deadlineMs,
      isLost: (member) => this.lines.get(member)?.alive === false,
      isMissing: (chunk) => !this.average.has(chunk) && !this.#isFinalNone(chunk),
      take: async (chunk, result) => {
        if (!this.#faultOf(chunk, result)) await this.#take(chunk, result);
      },
    });
  }

  // A reducer's own word that there is none is final, unless it was said by us: after a restart others know better.
  #isFinalNone(chunk: number): boolean {
    return this.#none.has(chunk) && this.plan.reducerOf(chunk) !== this.plan.self;
  }

  // Whoever lacks something after that asks for results by themselves.
  #closeIfFinished(): void {
    if (this.#isSealed && [...this.lines.values()].every((line) => line.finished)) this.close();
  }

  // --- streams

  #tick(): void {
    const nowMs = performance.now();
    for (const line of this.lines.values()) {
      const silentMs = nowMs - line.lastByteAtMs;
      // One that waits for our own disk is not silent.
      if (line.isTaking || !line.alive || line.finished) continue;
      if (silentMs > this.plan.reduce.silentAfterMs) line.lose();
    }
    this.#openLines();
    if (!this.#isMainOver) this.#onEdges(edgesOf(this));
  }

  /** Of each pair the one that stands first in the roster opens; the first stream goes to the next member in order. */
  #openLines(): void {
    if (this.#stop.signal.aborted) return;
    const nowMs = performance.now();
    for (const line of this.lines.values()) {
      const { hotkey } = this.plan.members[line.index]!;
      const triedAtMs = this.#opening.get(line.index) ?? Number.NEGATIVE_INFINITY;
      if (line.index < this.plan.self! || line.isAttached || line.finished) continue;
      if (!this.#network.isConnected(hotkey) || nowMs - triedAtMs < REOPEN_EVERY_MS) continue;
      this.#opening.set(line.index, nowMs);
      void this.#openLine(line, hotkey).catch(() => {});
    }
  }

  async #openLine(line: Line, hotkey: Ss58): Promise<void> {
    const link = await this.#network.open(hotkey, 'reduce', this.#stop.signal);
    if (line.isAttached || this.#stop.signal.aborted) return link.abort();
    const { chunks, chunkElements } = this.plan.grid;
    await line.attach(link, new FrameSource(link, { chunks, chunkElements }, hotkey), null);
  }

  #others(): number[] {
    const { length } = this.plan.members;
    return Array.from({ length: length - 1 }, (_, i) => (this.plan.self! + 1 + i) % length);
  }
}
