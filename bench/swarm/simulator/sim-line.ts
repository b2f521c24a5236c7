import { AnswerFlow } from '../../../src-shared/reduce/answer-flow.ts';
import { type Came, Transits } from '../../../src-shared/reduce/transits.ts';
import type { ResultLeaf } from '../../../src-shared/rounds/results-list.ts';
import { ANSWERS_REMEMBERED, REDUCE_HEARTBEAT_MS, WINDOW_CHUNKS } from '../../../src-worker/swarm/limits.ts';
import type { Fates } from '../../../src-worker/swarm/reduce/fates.ts';
import { transitLimits } from '../../../src-worker/swarm/reduce/line-writer.ts';
import type { RoundPlan } from '../../../src-worker/swarm/reduce/plan.ts';
import {
  chunkFrame,
  noneFrame,
  openFrame,
  resultFrame,
  type SimFrame,
  shortFrame,
  windowFrame,
  wordFrame,
} from './frame.ts';

/** What a line needs of its member. */
export interface LineOwner {
  readonly plan: RoundPlan;
  readonly fates: Fates;
  /** Ms since its time zero, and of the one clock of all. */
  readonly roundMs: number;
  readonly nowMs: number;
  readonly agoMs: number;
  /** Chunks of its contribution; 0 where it sends none. */
  readonly leaves: number;
  readonly answered: readonly number[];
  readonly windowPlace: number;
  readonly isMainOver: boolean;
  held(chunk: number): ResultLeaf | null;
}

/**
 * One pair as one of its members sees it, by the order and the rules of `LineWriter` and `Line`: the own chunks of
 * the peer's part first, those that would come late passed over, then answers, then what a standby asked for.
 */
export class SimLine {
  readonly index: number;
  readonly #owner: LineOwner;
  readonly #mine: readonly number[];
  readonly #transits = new Transits(transitLimits);
  readonly asking = new Set<number>();
  readonly told = new Set<number>();
  readonly answers = new AnswerFlow(ANSWERS_REMEMBERED);
  readonly #served = new Set<number>();
  readonly #toAsk: number[] = [];
  readonly #askedOfUs: number[] = [];
  /** What it asked for after the exchange, and questions that wait to be sent. */
  wanted: number[] | null = null;
  readonly #words: SimFrame[] = [];
  #isOpened = false;
  #chunkAt = 0;
  #answerAt = 0;
  #windowTold = { place: 0, received: 0 };
  #isWoken = true;
  #sleepsUntilMs = 0;
  #isDone = false;
  granted = WINDOW_CHUNKS;
  /** Chunks and results that came. */
  received = 0;
  /** When the last of them came, in whole ms. */
  cameMs = 0;
  alive = true;
  doneReceived = false;
  senderFault = false;
  /** null until it has opened. */
  hasLeaves: boolean | null = null;
  lastByteAtMs = 0;
  openedAtMs: number | null = null;
  lastChunkAtMs: number | null = null;
  sentBytes = 0;
  receivedBytes = 0;
  chunkBytesReceived = 0;

  constructor(index: number, owner: LineOwner) {
    this.index = index;
    this.#owner = owner;
    this.#mine = owner.leaves > 0 ? [...owner.plan.part(index)] : [];
  }

  get mayDeliver(): boolean {
    return this.alive && !this.doneReceived;
  }

  isExpected(chunk: number): boolean {
    if (!this.alive || this.senderFault) return false;
    if (this.#owner.plan.reducerOf(chunk) !== this.#owner.plan.self) return this.asking.has(chunk);
    return !this.doneReceived && this.hasLeaves !== false;
  }

  notify(): void {
    this.#isWoken = true;
  }

  ask(chunk: number): void {
    this.asking.add(chunk);
    this.#toAsk.push(chunk);
    this.notify();
  }

  /** It asks us, as a standby. */
  asked(chunk: number): void {
    if (!this.#served.has(chunk)) this.#askedOfUs.push(chunk);
    this.#served.add(chunk);
    this.notify();
  }

  /** Something beside the exchange's order, when nothing else is to be said. */
  say(word: SimFrame): void {
    this.#words.push(word);
    this.notify();
  }

  confirm(place: number, came: Came): void {
    this.granted = Math.max(this.granted, place);
    this.#transits.confirm(came, this.#owner.nowMs);
    this.notify();
  }

  /** The next frame; null when there is nothing to say until it is woken, or a heartbeat's time has passed. */
  next(): SimFrame | null {
    if (!this.#isWoken && this.#owner.nowMs < this.#sleepsUntilMs) return null;
    for (;;) {
      const said = this.#step();
      if (said === null) break;
      if (said === 'nothing') continue;
      this.sentBytes += said.bytes;
      return said;
    }
    this.#isWoken = false;
    this.#sleepsUntilMs = this.#owner.nowMs + REDUCE_HEARTBEAT_MS;
    return null;
  }

  #step(): SimFrame | 'nothing' | null {
    const { answered, windowPlace, agoMs, leaves } = this.#owner;
    if (!this.#isOpened) {
      this.#isOpened = true;
      return openFrame(agoMs, leaves);
    }
    const { place, received } = this.#windowTold;
    if (place !== windowPlace || received !== this.received) {
      this.#windowTold = { place: windowPlace, received: this.received };
      return windowFrame(windowPlace, this.received, this.cameMs);
    }
    const ask = this.#toAsk.shift();
    if (ask !== undefined) return shortFrame('ask', ask);
    if (this.#mayGoOn()) return this.#offer(this.#mine[this.#chunkAt++]!);
    if (this.#answerAt < answered.length || this.#askedOfUs.length > 0)
      return this.#transits.hasRoom ? this.#owed() : null;
    return this.#last();
  }

  #owed(): SimFrame | 'nothing' {
    const answer = this.#owner.answered[this.#answerAt];
    if (answer === undefined) return this.#serve(this.#askedOfUs.shift()!);
    this.#answerAt++;
    return this.#answer(answer);
  }

  #mayGoOn(): boolean {
    const chunk = this.#mine[this.#chunkAt];
    if (chunk === undefined) return false;
    if (this.#isLate(chunk) || this.#owner.fates.isReduced(chunk)) return true;
    return this.#chunkAt < this.granted && this.#transits.hasRoom;
  }

  #offer(chunk: number): SimFrame | 'nothing' {
    if (this.#owner.fates.isReduced(chunk)) return 'nothing';
    return this.#isLate(chunk) ? shortFrame('pass', chunk) : this.#chunk(chunk);
  }

  #last(): SimFrame | 'nothing' | null {
    const { fates } = this.#owner;
    const word = this.#words.shift();
    if (word) return word;
    if (this.wanted && this.#owner.isMainOver) return this.#give(this.wanted);
    const isOver = fates.owedBy(this.#owner.plan.self!) === 0 && fates.owedBy(this.index) === 0;
    if (this.#isDone || !isOver) return null;
    this.#isDone = true;
    return wordFrame('done');
  }

  #isLate(chunk: number): boolean {
    const { plan, roundMs, nowMs } = this.#owner;
    return roundMs + this.#transits.expectedMs(nowMs) > plan.closesAtMs(chunk);
  }

  #serve(chunk: number): SimFrame {
    const { plan, roundMs, leaves } = this.#owner;
    const held = this.#owner.held(chunk);
    const { mainMs, slackMs, exchangeMs } = plan.times;
    if (held?.signer === plan.reducerOf(chunk)) return this.#much(resultFrame(plan, chunk, held));
    const isTime = roundMs >= mainMs - slackMs && roundMs < exchangeMs;
    return isTime && leaves > 0 ? this.#chunk(chunk) : shortFrame('pass', chunk);
  }

  #chunk(chunk: number): SimFrame {
    return this.#much(chunkFrame(this.#owner.plan, chunk));
  }

  /** A chunk or a result, whose coming the peer tells. */
  #much(frame: SimFrame): SimFrame {
    this.#transits.sent(frame.bytes, this.#owner.nowMs);
    return frame;
  }

  #answer(chunk: number): SimFrame | 'nothing' {
    if (this.told.has(chunk)) return 'nothing';
    const { plan, fates } = this.#owner;
    const held = this.#owner.held(chunk);
    if (held) return this.#much(resultFrame(plan, chunk, held));
    return fates.saidNone(chunk, plan.self!) ? noneFrame(chunk, plan.self!) : 'nothing';
  }

  #give(wanted: number[]): SimFrame | 'nothing' {
    const chunk = wanted.shift();
    if (chunk === undefined) {
      this.wanted = null;
      return wordFrame('given');
    }
    const held = this.#owner.held(chunk);
    return held ? this.#much(resultFrame(this.#owner.plan, chunk, held)) : 'nothing';
  }
}
