import { weightOf } from '../../../src-shared/reduce/bitmap.ts';
import { OpenChunks } from '../../../src-shared/reduce/open-chunks.ts';
import { standbysAskAtMs } from '../../../src-shared/rounds/exchange-times.ts';
import type { ResultLeaf } from '../../../src-shared/rounds/results-list.ts';
import { timeZero } from '../../../src-shared/rounds/time-zero.ts';
import { WINDOW_CHUNKS } from '../../../src-worker/swarm/limits.ts';
import { Fates } from '../../../src-worker/swarm/reduce/fates.ts';
import type { RoundPlan } from '../../../src-worker/swarm/reduce/plan.ts';
import { StandbyDuty } from '../../../src-worker/swarm/reduce/standby-duty.ts';
import { leafOf, type SimFrame } from './frame.ts';
import { SimGather } from './sim-gather.ts';
import { type LineOwner, SimLine } from './sim-line.ts';

/** How a member lies; what it says of its rate stands in its Ready. */
export type Lie =
  /** Its values are not those whose root it announced: nobody takes them. */
  | 'values'
  /** It says of each of its chunks that there is no result. */
  | 'none'
  /** It says that the roster came to it long ago. */
  | 'clock';

const LYING_AGO_MS = 3_600_000;

/** The one clock of a simulation. */
export interface SimClock {
  readonly nowMs: number;
}

interface MemberInit {
  readonly plan: RoundPlan;
  readonly clock: SimClock;
  /** When the roster came to it. */
  readonly zeroMs: number;
  readonly lie: Lie | null;
}

/** A member in one exchange, as `Exchange` and `Reducer` are, by their rules and without values, disk and signatures. */
export class SimMember implements LineOwner {
  readonly plan: RoundPlan;
  readonly fates: Fates;
  readonly lines: ReadonlyMap<number, SimLine>;
  readonly answered: number[] = [];
  readonly leaves: number;
  readonly lie: Lie | null;
  readonly #clock: SimClock;
  readonly #ownZeroMs: number;
  readonly #heardMs = new Map<number, number>();
  readonly #open: OpenChunks;
  readonly #duty: StandbyDuty;
  readonly #gather: SimGather;
  readonly #held: (ResultLeaf | null)[];
  #zeroMs: number;
  #phase = 0;
  #mustLookAgain = false;
  isMainOver = false;
  /** When it had all that it could have, by the one clock; null until then. */
  overAtMs: number | null = null;
  isGone = false;

  constructor({ plan, clock, zeroMs, lie }: MemberInit) {
    this.plan = plan;
    this.#clock = clock;
    this.#ownZeroMs = zeroMs;
    this.#zeroMs = zeroMs;
    this.lie = lie;
    this.leaves = plan.members[plan.self!]!.weight > 0 ? plan.grid.chunks : 0;
    this.fates = new Fates(plan);
    this.#held = Array.from({ length: plan.grid.chunks }, () => null);
    const others = plan.members.map((_, i) => (plan.self! + i) % plan.members.length).slice(1);
    this.lines = new Map(others.map((i) => [i, new SimLine(i, this)]));
    this.#gather = new SimGather({
      ...{ chunks: plan.grid.chunks, fates: this.fates, lines: this.lines },
      has: (chunk) => this.held(chunk) !== null,
      onOver: () => this.#finish(),
    });
    this.#open = new OpenChunks({
      ...{ self: plan.self!, weights: plan.weights, hasOwn: this.leaves > 0 },
      isQuorum: (contributors) => plan.isQuorum(contributors, plan.self!),
      isExpected: (member, chunk) => this.lines.get(member)!.isExpected(chunk),
    });
    this.#duty = new StandbyDuty({
      ...{ plan, fates: this.fates, lines: () => this.lines.values(), mayAnswer: () => true },
      reducer: {
        start: (chunk, closesAtMs) => this.#start(chunk, closesAtMs),
        drop: (chunk) => void this.#open.close(chunk),
      },
      willHaveCome: (member, owed, byMs) => this.#willHaveCome(member, owed, byMs),
      sayNone: (chunk) => this.#answer(chunk, null),
    });
    for (const chunk of plan.part(plan.self!)) this.#start(chunk, plan.closesAtMs(chunk));
  }

  get nowMs(): number {
    return this.#clock.nowMs;
  }

  get roundMs(): number {
    return this.nowMs - this.#zeroMs;
  }

  get agoMs(): number {
    return this.lie === 'clock' ? LYING_AGO_MS : this.nowMs - this.#ownZeroMs;
  }

  get hasBegun(): boolean {
    return this.nowMs >= this.#ownZeroMs;
  }

  get windowPlace(): number {
    return this.#firstOpenPlace() + WINDOW_CHUNKS;
  }

  held(chunk: number): ResultLeaf | null {
    return this.#held[chunk]!;
  }

  /** What time brings: chunks that close, standbys that begin and end, the end of all waiting. */
  step(): void {
    const { times } = this.plan;
    for (const chunk of this.#open.due(this.roundMs)) this.#close(chunk);
    const phases = [
      { atMs: standbysAskAtMs(times), run: () => this.#duty.begin() },
      { atMs: times.exchangeMs, run: () => this.#duty.end() },
      { atMs: times.allInMs, run: () => this.#endMain() },
      { atMs: times.endMs, run: () => this.#finish() },
    ];
    for (let next = phases[this.#phase]; next && this.roundMs >= next.atMs; next = phases[this.#phase]) {
      this.#phase++;
      next.run();
    }
    this.#duty.look();
    for (const line of this.lines.values())
      if (line.alive && !line.doneReceived && this.nowMs - line.lastByteAtMs > times.silentAfterMs)
        this.lose(line);
    this.lookAgain();
  }

  /** The peer is gone, as far as can be seen. */
  lose(line: SimLine): void {
    line.alive = false;
    this.#mustLookAgain = true;
    this.#gather.isDone(line.index);
  }

  hear(from: number, frame: SimFrame): void {
    const line = this.lines.get(from)!;
    line.lastByteAtMs = this.nowMs;
    line.receivedBytes += frame.bytes;
    if (!line.alive) this.#mustLookAgain = true;
    line.alive = true;
    this.#take(line, frame);
    this.lookAgain();
  }

  /** After somebody came, went or showed what it will not send. */
  lookAgain(): void {
    if (!this.#mustLookAgain) return;
    this.#mustLookAgain = false;
    for (const chunk of this.#open.chunks()) this.#consider(chunk);
    this.#checkMain();
  }

  #take(line: SimLine, frame: SimFrame): void {
    switch (frame.type) {
      case 'open':
        this.#takeOpen(line, frame.agoMs, frame.hasLeaves);
        break;
      case 'chunk':
        this.#takeChunk(line, frame.chunk, frame.bytes);
        break;
      case 'result':
        this.#takeResult(line, frame.chunk, frame.leaf);
        break;
      case 'none':
        this.fates.none(frame.chunk, frame.signer);
        line.notify();
        this.#checkMain();
        break;
      case 'window':
        line.confirm(frame.place, frame);
        break;
      case 'ask':
        line.asked(frame.chunk);
        break;
      case 'pass':
        this.#takePass(line, frame.chunk);
        break;
      case 'want':
        line.wanted = [...frame.chunks];
        line.notify();
        break;
      case 'given':
        this.#gather.isDone(line.index);
        break;
      case 'done':
        line.doneReceived = true;
        this.#mustLookAgain = true;
        line.notify();
    }
  }

  #takeOpen(line: SimLine, agoMs: number, hasLeaves: boolean): void {
    line.hasLeaves = hasLeaves;
    line.openedAtMs = this.nowMs;
    this.#heardMs.set(line.index, this.nowMs - agoMs);
    this.#zeroMs = timeZero(this.#ownZeroMs, [...this.#heardMs.values()], this.plan.times.slackMs);
    this.#mustLookAgain = true;
  }

  #takeChunk(line: SimLine, chunk: number, bytes: number): void {
    line.asking.delete(chunk);
    line.received++;
    line.cameMs = Math.round(this.nowMs);
    line.chunkBytesReceived += bytes;
    line.lastChunkAtMs = this.nowMs;
    line.notify();
    if (line.senderFault || !this.#open.wants(chunk, line.index)) return;
    this.#open.add(chunk, line.index);
    this.#consider(chunk);
  }

  /** Its values turned out to be others than its root says. */
  drop(line: SimLine): void {
    line.senderFault = true;
    this.#mustLookAgain = true;
  }

  #takePass(line: SimLine, chunk: number): void {
    line.asking.delete(chunk);
    this.#open.pass(chunk, line.index);
    this.#consider(chunk);
  }

  #takeResult(line: SimLine, chunk: number, leaf: ResultLeaf): void {
    if (this.plan.reducerOf(chunk) === line.index && !line.told.has(chunk)) line.answers.came(this.nowMs);
    line.told.add(chunk);
    line.received++;
    line.cameMs = Math.round(this.nowMs);
    line.notify();
    if (line.asking.has(chunk)) this.#takePass(line, chunk);
    if (!this.#keep(chunk, leaf)) return;
    this.fates.result(chunk, leaf.signer);
    if (this.#duty.hasAsked(chunk)) this.#tell(chunk);
    this.#duty.over(chunk);
    this.lines.get(this.plan.reducerOf(chunk))?.notify();
    this.#checkMain();
  }

  /** The first result of a chunk stays, and the reducer's own replaces a standby's. */
  #keep(chunk: number, leaf: ResultLeaf): boolean {
    const kept = this.#held[chunk];
    const reducer = this.plan.reducerOf(chunk);
    if (kept && (kept.signer === reducer || leaf.signer !== reducer)) return false;
    this.#held[chunk] = leaf;
    return true;
  }

  #willHaveCome(reducer: number, owed: number, byMs: number): boolean {
    const line = this.lines.get(reducer);
    const pace = { owed, leftMs: byMs - this.roundMs, quietMs: this.plan.times.slackMs };
    return line?.mayDeliver === true && line.answers.endsWithin(pace, this.nowMs);
  }

  #start(chunk: number, closesAtMs: number): void {
    this.#open.start(chunk, closesAtMs);
    this.#consider(chunk);
  }

  #consider(chunk: number): void {
    if (this.#open.mayClose(chunk)) this.#close(chunk);
  }

  #close(chunk: number): void {
    const { plan } = this;
    const { present } = this.#open.close(chunk);
    const hasResult = this.lie !== 'none' && plan.isQuorum(present, plan.self!);
    this.#answer(chunk, hasResult ? leafOf(plan.self!, present, weightOf(present, plan.weights)) : null);
  }

  #answer(chunk: number, leaf: ResultLeaf | null): void {
    if (leaf && !this.#keep(chunk, leaf)) return;
    if (leaf) this.fates.result(chunk, leaf.signer);
    else this.fates.none(chunk, this.plan.self!);
    this.#duty.over(chunk);
    this.#tell(chunk);
    this.#checkMain();
  }

  #tell(chunk: number): void {
    this.answered.push(chunk);
    for (const line of this.lines.values()) line.notify();
  }

  #firstOpenPlace(): number {
    for (const chunk of this.#open.chunks())
      if (this.plan.reducerOf(chunk) === this.plan.self) return this.plan.placeOf(chunk);
    return this.plan.members[this.plan.self!]!.chunkCount;
  }

  #checkMain(): void {
    const mayAnswer = (member: number) => member === this.plan.self || this.lines.get(member)!.mayDeliver;
    if (!this.isMainOver && !this.fates.waitsFor(mayAnswer)) this.#endMain();
  }

  #endMain(): void {
    if (this.isMainOver) return;
    this.isMainOver = true;
    for (const line of this.lines.values()) line.notify();
    this.#gather.begin();
  }

  #finish(): void {
    this.overAtMs ??= this.nowMs;
  }
}
