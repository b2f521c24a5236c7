import { withLimit } from '../../../src-node/waits.ts';
import type { Edge, ReduceReport } from '../../../src-shared/contract/swarm.ts';
import { standbysAskAllAtMs, standbysAskAtMs } from '../../../src-shared/rounds/exchange-times.ts';
import type { SignEd25519 } from '../../../src-shared/rounds/signed.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { EDGES_EVERY_MS, WINDOW_CHUNKS } from '../limits.ts';
import type { Network, PeerLink } from '../net/link.ts';
import type { Average } from './average.ts';
import { type ExchangeFiles, type FilesInit, openFiles } from './exchange-files.ts';
import { Fates } from './fates.ts';
import type { FrameSource } from './frame-source.ts';
import type { Frame, Signed, SignedResult } from './frames.ts';
import type { Line, LineRound } from './line.ts';
import type { RoundPlan } from './plan.ts';
import { Reducer } from './reducer.ts';
import { edgesOf, reportOf } from './report.ts';
import { ResultFrames } from './result-frames.ts';
import type { ResultFault } from './results.ts';
import { RoundClock } from './round-clock.ts';
import { RoundResults } from './round-results.ts';
import { StandbyDuty } from './standby-duty.ts';
import { Streams } from './streams.ts';

export interface ExchangeInit extends FilesInit {
  /** Final blocks since the agreed roster came to this member. */
  readonly rosterAgoBlocks: number;
  readonly network: Network;
  readonly sign: SignEd25519;
  /** Ends the exchange when the host cancels it. */
  readonly signal: AbortSignal;
  readonly onEdges: (edges: Edge[]) => void;
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
  readonly resultFrames: ResultFrames;
  readonly #init: ExchangeInit;
  readonly #startedAtMs = performance.now();
  readonly #files: ExchangeFiles;
  /** What others answered, and what we do. */
  readonly results: RoundResults;
  readonly #reducer: Reducer;
  readonly #standby: StandbyDuty;
  readonly #streams: Streams;
  readonly #mainOver = Promise.withResolvers<void>();
  readonly #gathered = Promise.withResolvers<void>();
  readonly #stop: AbortController;
  #ticking: NodeJS.Timeout | null = null;
  #isMainOver = false;
  #durationMs: number | null = null;
  #isGathered = false;

  static async create(init: ExchangeInit): Promise<Exchange> {
    const stop = new AbortController();
    // Until it runs nothing else ends a wait for room on the disk.
    const opening = withLimit(init.signal, init.plan.times.endMs);
    const files = await openFiles(init, AbortSignal.any([opening, stop.signal]));
    return new Exchange(init, files, stop);
  }

  private constructor(init: ExchangeInit, files: ExchangeFiles, stop: AbortController) {
    const { plan, network } = init;
    this.#init = init;
    this.plan = plan;
    this.#stop = stop;
    this.#files = files;
    this.average = files.average;
    this.clock = new RoundClock(plan, files.answers.isResumed ? init : null);
    this.fates = new Fates(plan);
    this.resultFrames = new ResultFrames(plan, (chunk) => this.average.read(chunk));
    this.#streams = new Streams({ network, round: this, signal: stop.signal });
    this.results = new RoundResults({
      ...{ plan, network, sign: init.sign, average: this.average, answers: files.answers, fates: this.fates },
      hasAsked: (chunk) => this.#standby.hasAsked(chunk),
      onTold: () => this.#streams.notify(),
      onAnswered: (chunk) => this.#onAnswered(chunk),
    });
    this.#reducer = new Reducer({
      plan,
      clock: this.clock,
      contribution: files.contribution,
      sign: init.sign,
      isExpected: (member, chunk) => this.lines.get(member)?.isExpected(chunk) ?? false,
      answer: (chunk, result) => this.results.answer(chunk, result),
    });
    this.#standby = new StandbyDuty({
      plan,
      fates: this.fates,
      reducer: this.#reducer,
      lines: () => this.lines.values(),
      willHaveCome: (member, owed, byMs) => this.#streams.willHaveCome(member, owed, byMs - this.clock.nowMs),
      sayNone: (chunk) => void this.results.answer(chunk, null).catch(() => {}),
      mayAnswer: (chunk) => this.#files.answers.mayAnswer(chunk),
    });
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
      this.#streams.notify();
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
  attach(from: Ss58, link: PeerLink, source: FrameSource, opened: Frame): Promise<void> {
    return this.#streams.attach(from, link, source, opened);
  }

  /** Ends all lines. Results can still be read until `dispose`. */
  close(): void {
    this.#stop.abort();
    // Whoever waits for its first phase waits no longer.
    this.#endMain();
    if (this.#ticking) clearInterval(this.#ticking);
    this.clock.stop();
    this.#reducer.stop();
    this.#streams.close();
    void this.#files.contribution?.close().catch(() => {});
  }

  async dispose(): Promise<void> {
    this.close();
    await this.average.close();
    await this.#files.answers.close();
  }

  /** With each other member, by roster index. */
  get lines(): ReadonlyMap<number, Line> {
    return this.#streams.lines;
  }

  // --- what lines ask and tell

  get leaves(): readonly Uint8Array[] {
    return this.#files.contribution?.leaves ?? [];
  }

  get windowPlace(): number {
    return this.#reducer.firstOpenPlace + WINDOW_CHUNKS;
  }

  get isOver(): boolean {
    return this.plan.self !== null && this.fates.owedBy(this.plan.self) === 0;
  }

  readChunk(chunk: number, room: number): Promise<Uint8Array> {
    const { contribution } = this.#files;
    if (!contribution) throw new Error('nothing to send');
    return contribution.readChunk(chunk, room);
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
    const fault = await this.results.take(chunk, result);
    if (fault) this.#blame(line, fault);
  }

  onNone(line: Line, chunk: number, none: Signed): void {
    if (this.results.takeNone(chunk, none)) {
      line.notify();
      this.#checkMain();
    } else this.#blame(line, 'signature');
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

  #blame(line: Line, fault: ResultFault): void {
    line.reducerFault ??= `result-${fault}`;
    this.onStanding(line);
  }

  #onAnswered(chunk: number): void {
    this.#standby.over(chunk);
    this.lines.get(this.plan.reducerOf(chunk))?.notify();
    this.#checkMain();
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
      if (this.#files.answers.mayAnswer(chunk)) this.#reducer.start(chunk, plan.closesAtMs(chunk));
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
    await this.results.gather({
      signal: AbortSignal.any([signal, this.#stop.signal]),
      // One that keeps us waiting beyond the time when all is in must not take the time of all others.
      patienceMs: () => {
        const { nowMs } = this.clock;
        return Math.max(0, allInMs - nowMs) + (endMs - Math.max(allInMs, nowMs)) / 2;
      },
      isLost: (member) => this.lines.get(member)?.alive === false,
    });
  }

  // Whoever lacks something after that asks for results by themselves.
  #closeIfFinished(): void {
    if (this.#isGathered && this.#streams.areFinished) this.close();
  }

  #tick(): void {
    this.#streams.loseSilent();
    this.#standby.look();
    this.#streams.open();
    if (!this.#isMainOver) this.#init.onEdges(edgesOf(this));
  }
}
