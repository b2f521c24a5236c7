import { mkdir } from 'node:fs/promises';
import { sha256Hex } from '../../../src-node/sha256.ts';
import { withLimit } from '../../../src-node/waits.ts';
import type { Edge, ReduceReport } from '../../../src-shared/contract/swarm.ts';
import { standbysAskAllAtMs, standbysAskAtMs } from '../../../src-shared/rounds/exchange-times.ts';
import { type ResultsList, sameLeaf } from '../../../src-shared/rounds/results-list.ts';
import type { SignEd25519 } from '../../../src-shared/rounds/signed.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { EDGES_EVERY_MS, WINDOW_CHUNKS } from '../limits.ts';
import type { Network, PeerLink } from '../net/link.ts';
import type { SpoolDisk } from '../spool-disk.ts';
import { Answers } from './answers.ts';
import { Average } from './average.ts';
import { type Contribution, openContribution } from './contribution.ts';
import { Fates } from './fates.ts';
import type { FrameSource } from './frame-source.ts';
import type { Frame, Signed, SignedResult } from './frames.ts';
import { gatherMissing } from './gather.ts';
import { Line, type LineRound } from './line.ts';
import type { RoundPlan } from './plan.ts';
import { Reducer } from './reducer.ts';
import { edgesOf, reportOf } from './report.ts';
import { ResultFrames } from './result-frames.ts';
import { isNone, resultFault, signNone } from './results.ts';
import { RoundClock } from './round-clock.ts';
import { StandbyDuty } from './standby-duty.ts';
import { Streams } from './streams.ts';

export interface ExchangeInit {
  readonly plan: RoundPlan;
  /** Final blocks since the agreed roster came to this member. */
  readonly rosterAgoBlocks: number;
  /** The round's folder in the spool. */
  readonly folder: string;
  readonly network: Network;
  readonly sign: SignEd25519;
  readonly disk: SpoolDisk;
  /** Ends the exchange when the host cancels it. */
  readonly signal: AbortSignal;
  readonly onEdges: (edges: Edge[]) => void;
}

/** What an exchange has on the disk. */
interface Files {
  readonly contribution: Contribution | null;
  readonly average: Average;
  readonly answers: Answers;
}

/**
 * One round's butterfly as one member sees it. First every member sends its chunks to their reducers and takes
 * results; then standbys step in for chunks that have none; then what did not reach this member is asked of others.
 * A member that is not in the roster only asks. Slow peers are still served until the end, and what comes late is still
 * taken until the results list has chosen (listing.ts).
 */
export class Exchange implements LineRound {
  readonly plan: RoundPlan;
  readonly average: Average;
  readonly clock: RoundClock;
  readonly fates: Fates;
  readonly lines: ReadonlyMap<number, Line>;
  readonly answered: number[] = [];
  readonly resultFrames: ResultFrames;
  readonly #init: ExchangeInit;
  readonly #startedAtMs = performance.now();
  readonly #contribution: Contribution | null;
  readonly #answers: Answers;
  readonly #reducer: Reducer;
  readonly #standby: StandbyDuty;
  readonly #streams: Streams;
  readonly #mainOver = Promise.withResolvers<void>();
  readonly #gathered = Promise.withResolvers<void>();
  readonly #stop: AbortController;
  readonly #unsubscribe: () => void;
  #ticking: NodeJS.Timeout | null = null;
  #isMainOver = false;
  #durationMs: number | null = null;
  #isGathered = false;

  static async create(init: ExchangeInit): Promise<Exchange> {
    const { plan, folder, disk } = init;
    const stop = new AbortController();
    // Until it runs nothing else ends a wait for room on the disk.
    const opening = withLimit(init.signal, plan.times.endMs);
    const signal = AbortSignal.any([opening, stop.signal]);
    const contribution = await openContribution(plan, folder);
    let answers: Answers | null = null;
    try {
      await disk.step('open', folder, signal, () => mkdir(folder, { recursive: true }));
      answers = await Answers.open(plan, folder, disk, signal);
      const { earlier } = answers;
      const average = await Average.create({ plan, folder, disk, signal }, { earlier });
      return new Exchange(init, { contribution, average, answers }, stop);
    } catch (error) {
      // One that cannot be closed keeps the other open no longer.
      await Promise.allSettled([contribution?.close(), answers?.close()]);
      throw error;
    }
  }

  private constructor(init: ExchangeInit, files: Files, stop: AbortController) {
    const { plan, network } = init;
    this.#init = init;
    this.plan = plan;
    this.#stop = stop;
    this.#answers = files.answers;
    this.#contribution = files.contribution;
    this.average = files.average;
    this.clock = new RoundClock(plan, files.answers.isResumed ? init : null);
    this.fates = new Fates(plan);
    this.resultFrames = new ResultFrames(plan, (chunk) => this.average.read(chunk));
    this.lines = new Map(plan.self === null ? [] : this.#others().map((i) => [i, new Line(i, this)]));
    this.#reducer = new Reducer({
      plan,
      clock: this.clock,
      contribution: files.contribution,
      sign: init.sign,
      isExpected: (member, chunk) => this.lines.get(member)?.isExpected(chunk) ?? false,
      answer: (chunk, result) => this.#answer(chunk, result),
    });
    this.#standby = new StandbyDuty({
      plan,
      fates: this.fates,
      reducer: this.#reducer,
      lines: () => this.lines.values(),
      willHaveCome: (member, owed, byMs) => this.#willHaveCome(member, owed, byMs),
      sayNone: (chunk) => void this.#answer(chunk, null).catch(() => {}),
      mayAnswer: (chunk) => this.#answers.mayAnswer(chunk),
    });
    this.#streams = new Streams({ plan, network, lines: this.lines, signal: stop.signal });
    for (const [chunk, answer] of files.answers.earlier) this.#sayAgain(chunk, answer !== null);
    this.#unsubscribe = network.onPeer((_hotkey, connected) => connected && this.#streams.open());
  }

  /** Resolves when everything that reducers and standbys deliver by themselves is in. */
  get mainOver(): Promise<void> {
    return this.#mainOver.promise;
  }

  /** Resolves when others were asked for what did not come by itself. */
  get gathered(): Promise<void> {
    return this.#gathered.promise;
  }

  /** What the round came to by these results. */
  report(average: Parameters<typeof reportOf>[0]['average']): ReduceReport {
    this.#durationMs ??= performance.now() - this.#startedAtMs;
    const { plan, fates, lines, leaves } = this;
    return reportOf({ plan, average, fates, lines, leaves }, this.#durationMs);
  }

  /**
   * Asks the members for the results that a list names and this one lacks.
   * @param how.first who is asked before all others: a signer of the list can give all of it
   * @param how.limitMs how long each of them may take
   */
  async gatherLeaves(
    list: ResultsList,
    how: { readonly first: readonly Ss58[]; readonly limitMs: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { plan, average } = this;
    await gatherMissing({
      plan,
      network: this.#init.network,
      signal,
      first: how.first.map((hotkey) => plan.indexOf(hotkey)).filter((index) => index !== null),
      patienceMs: () => how.limitMs,
      isLost: () => false,
      isMissing: (chunk) => {
        const leaf = list[chunk];
        return leaf != null && !average.holds(chunk, leaf);
      },
      digestOf: (chunk) => list[chunk]!.digest,
      take: async (chunk, result) => {
        const leaf = { ...result, digest: sha256Hex(result.values) };
        if (sameLeaf(leaf, list[chunk]!) && !this.#faultOf(chunk, result))
          await average.replace(chunk, result);
      },
    });
  }

  /**
   * @returns what it came to, with the results held in the spool
   * @throws when the signal aborts
   */
  async run(): Promise<ReduceReport> {
    const { signal, onEdges } = this.#init;
    const stopped = () => {
      this.#stop.abort();
      this.#mainOver.resolve();
    };
    signal.addEventListener('abort', stopped, { once: true });
    try {
      signal.throwIfAborted();
      this.#begin();
      await this.#mainOver.promise;
      signal.throwIfAborted();
      await this.#reducer.settled();
      await this.#gather(signal);
      signal.throwIfAborted();
      this.#isGathered = true;
      for (const line of this.lines.values()) line.notify();
      onEdges(edgesOf(this));
      this.#closeIfFinished();
      return this.report(this.average);
    } finally {
      signal.removeEventListener('abort', stopped);
      this.#gathered.resolve();
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
    // Whoever waits for its first phase waits no longer.
    this.#endMain();
    if (this.#ticking) clearInterval(this.#ticking);
    this.clock.stop();
    this.#unsubscribe();
    this.#reducer.stop();
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

  get windowPlace(): number {
    return this.#reducer.firstOpenPlace + WINDOW_CHUNKS;
  }

  get isOver(): boolean {
    return this.plan.self !== null && this.fates.owedBy(this.plan.self) === 0;
  }

  readChunk(chunk: number, room: number): Promise<Uint8Array> {
    if (!this.#contribution) throw new Error('nothing to send');
    return this.#contribution.readChunk(chunk, room);
  }

  readResult(chunk: number): Promise<SignedResult | null> {
    return this.average.read(chunk);
  }

  ownNone(chunk: number): Signed | null {
    const { self } = this.plan;
    const isSaid = self !== null && this.fates.saidNone(chunk, self);
    return isSaid ? signNone(this.plan, chunk, this.#init.sign) : null;
  }

  onChunk(line: Line, chunk: number, bytes: Uint8Array): void {
    const isOwn = this.plan.reducerOf(chunk) === this.plan.self;
    const isBeyond = isOwn && this.plan.placeOf(chunk) >= this.windowPlace;
    const fault = isBeyond ? 'window' : this.#reducer.add(line.index, chunk, bytes);
    if (fault) line.drop(fault);
  }

  onPass(line: Line, chunk: number): void {
    this.#reducer.pass(line.index, chunk);
  }

  async onResult(line: Line, chunk: number, result: SignedResult): Promise<void> {
    if (!(await this.average.wants(chunk, result.signer))) return this.#compare(chunk, result);
    const fault = this.#faultOf(chunk, result);
    if (!fault) return this.#take(chunk, result);
    line.reducerFault ??= `result-${fault}`;
    this.onStanding(line);
  }

  onNone(line: Line, chunk: number, none: Signed): void {
    const { signer } = none;
    if (!isNone(this.plan, chunk, none, (member) => this.#keyOf(member))) {
      line.reducerFault ??= 'result-signature';
      this.onStanding(line);
      return;
    }
    if (this.average.from(chunk, signer)) this.fates.contradicts(chunk, signer);
    this.fates.none(chunk, signer);
    line.notify();
    this.#checkMain();
  }

  onStanding(line: Line): void {
    // Between two turns: the caller is in the middle of its own change.
    queueMicrotask(() => {
      if (this.#stop.signal.aborted) return;
      if (!line.alive || line.senderFault || line.doneReceived || line.leaves?.length === 0)
        this.#reducer.reconsider();
      this.#checkMain();
      this.#closeIfFinished();
    });
  }

  // --- answers

  #keyOf(member: number) {
    const hotkey = this.plan.members[member]?.hotkey;
    return hotkey ? this.#init.network.peerKey(hotkey) : null;
  }

  #faultOf(chunk: number, result: SignedResult) {
    return resultFault(this.plan, chunk, result, (member) => this.#keyOf(member));
  }

  /** A result that is not wanted may still contradict what the same signer said before. */
  #compare(chunk: number, result: SignedResult): void {
    const held = this.average.from(chunk, result.signer);
    if (!held || held.digest === sha256Hex(result.values)) return;
    if (!this.#faultOf(chunk, result)) this.fates.contradicts(chunk, result.signer);
  }

  async #take(chunk: number, result: SignedResult): Promise<void> {
    if (!(await this.average.put(chunk, result))) return;
    if (this.fates.saidNone(chunk, result.signer)) this.fates.contradicts(chunk, result.signer);
    this.fates.result(chunk, result.signer);
    // Where its standby had to ask for it, others may have no answer of the reducer either.
    if (this.#standby.hasAsked(chunk)) this.#tell(chunk);
    this.#standby.over(chunk);
    this.lines.get(this.plan.reducerOf(chunk))?.notify();
    this.#checkMain();
  }

  #willHaveCome(reducer: number, owed: number, byMs: number): boolean {
    const line = this.lines.get(reducer);
    const pace = { owed, leftMs: byMs - this.clock.nowMs, quietMs: this.plan.times.slackMs };
    return line?.mayDeliver === true && line.answers.endsWithin(pace, performance.now());
  }

  /** Our own answer is on the disk before anybody hears it. */
  async #answer(chunk: number, result: SignedResult | null): Promise<void> {
    if (result) {
      // The reducer's own has come meanwhile: nobody needs ours.
      if (this.average.signerOf(chunk) === this.plan.reducerOf(chunk)) return;
      if (!(await this.average.put(chunk, result))) return;
      const said = this.average.from(chunk, this.plan.self!);
      await this.#answers.keep(chunk, said, () => this.average.sync());
      this.fates.result(chunk, this.plan.self!);
    } else {
      await this.#answers.keep(chunk, null, async () => {});
      this.fates.none(chunk, this.plan.self!);
    }
    this.#standby.over(chunk);
    this.#tell(chunk);
    this.#checkMain();
  }

  #tell(chunk: number): void {
    this.answered.push(chunk);
    for (const line of this.lines.values()) line.notify();
  }

  /** An answer from before a restart. One whose values are lost is not given again: who heard it passes it on. */
  #sayAgain(chunk: number, hadResult: boolean): void {
    if (hadResult && !this.average.from(chunk, this.plan.self!)) return;
    if (hadResult) this.fates.result(chunk, this.plan.self!);
    else this.fates.none(chunk, this.plan.self!);
    this.answered.push(chunk);
  }

  // --- phases

  #begin(): void {
    const { plan, clock } = this;
    const { allInMs, exchangeMs, endMs, silentAfterMs } = plan.times;
    clock.at(standbysAskAtMs(plan.times), () => this.#standby.begin());
    clock.at(standbysAskAllAtMs(plan.times), () => this.#standby.look());
    clock.at(exchangeMs, () => this.#standby.end());
    clock.at(allInMs, () => this.#endMain());
    clock.at(endMs, () => this.close());
    this.#ticking = setInterval(() => this.#tick(), Math.min(EDGES_EVERY_MS, silentAfterMs / 4));
    for (const chunk of plan.self === null ? [] : plan.part(plan.self))
      if (this.#answers.mayAnswer(chunk)) this.#reducer.start(chunk, plan.closesAtMs(chunk));
    this.#streams.open();
    this.#checkMain();
  }

  #checkMain(): void {
    const mayAnswer = (member: number) =>
      member === this.plan.self || (this.lines.get(member)?.mayDeliver ?? false);
    if (!this.#isMainOver && !this.fates.waitsFor(mayAnswer)) this.#endMain();
  }

  #endMain(): void {
    this.#isMainOver = true;
    this.#mainOver.resolve();
  }

  async #gather(signal: AbortSignal): Promise<void> {
    const { endMs, allInMs } = this.plan.times;
    if (this.clock.nowMs >= endMs) return;
    await gatherMissing({
      plan: this.plan,
      network: this.#init.network,
      signal: AbortSignal.any([signal, this.#stop.signal]),
      // One that keeps us waiting beyond the time when all is in must not take the time of all others.
      patienceMs: () => {
        const { nowMs } = this.clock;
        return Math.max(0, allInMs - nowMs) + (endMs - Math.max(allInMs, nowMs)) / 2;
      },
      isLost: (member) => this.lines.get(member)?.alive === false,
      isMissing: (chunk) => !this.average.has(chunk) && !this.fates.isSettled(chunk),
      take: async (chunk, result) => {
        if (!this.#faultOf(chunk, result)) await this.#take(chunk, result);
      },
    });
  }

  // Whoever lacks something after that asks for results by themselves.
  #closeIfFinished(): void {
    if (this.#isGathered && [...this.lines.values()].every((line) => line.finished)) this.close();
  }

  #tick(): void {
    const nowMs = performance.now();
    for (const line of this.lines.values()) {
      // One that waits for our own disk is not silent.
      if (line.isTaking || !line.alive || line.finished) continue;
      if (nowMs - line.lastByteAtMs > this.plan.times.silentAfterMs) line.lose();
    }
    this.#standby.look();
    this.#streams.open();
    if (!this.#isMainOver) this.#init.onEdges(edgesOf(this));
  }

  /** From the next member on, so that not all begin with the same one. */
  #others(): number[] {
    const { length } = this.plan.members;
    return Array.from({ length: length - 1 }, (_, i) => (this.plan.self! + 1 + i) % length);
  }
}
