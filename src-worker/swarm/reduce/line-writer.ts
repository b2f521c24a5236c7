import { valueCodecs } from '../../../src-shared/codec/table.ts';
import { type Came, type TransitLimits, Transits } from '../../../src-shared/reduce/transits.ts';
import {
  REDUCE_HEARTBEAT_MS,
  TRANSITS_KEPT,
  TRANSITS_LEAST,
  TRANSITS_MOST_BYTES,
  TRANSITS_QUEUE_MS,
} from '../limits.ts';
import type { PeerLink } from '../net/link.ts';
import type { Fates } from './fates.ts';
import {
  encodeFrame,
  encodeNone,
  encodeOpen,
  encodeWindow,
  type Frame,
  frameTypes,
  HEADER_BYTES,
  withHeader,
} from './frames.ts';
import type { RoundPlan } from './plan.ts';
import type { ResultFrames } from './result-frames.ts';
import type { RoundClock } from './round-clock.ts';
import type { RoundResults } from './round-results.ts';
import type { SentSpan } from './sent-span.ts';
import type { Wakeup } from './wakeup.ts';

/** What holds back the sender on a stream of a pair. */
export const transitLimits: TransitLimits = {
  ...{
    kept: TRANSITS_KEPT,
    queueMs: TRANSITS_QUEUE_MS,
    least: TRANSITS_LEAST,
    mostBytes: TRANSITS_MOST_BYTES,
  },
};

/** What is told of a round, and by what it is decided. */
export interface ToldRound {
  readonly plan: RoundPlan;
  readonly clock: RoundClock;
  readonly fates: Fates;
  readonly leaves: readonly Uint8Array[];
  /** What this member tells of its own answers, and of those that it found as a standby. */
  readonly results: Pick<RoundResults, 'answered' | 'read' | 'ownNone'>;
  /** Whether nothing more will be added to what it has answered. */
  readonly isOver: boolean;
  /** The place in the own part before which chunks are taken. */
  readonly windowPlace: number;
  /** @param room bytes left free before the chunk's own */
  readChunk(chunk: number, room: number): Promise<Uint8Array>;
  readonly resultFrames: ResultFrames;
}

/** The pair whose stream is written, as the reading side of it knows it. */
export interface WrittenLine {
  readonly index: number;
  readonly wakeup: Wakeup;
  readonly doneReceived: boolean;
  /** Chunks and results that came on the present stream. */
  readonly cameOnStream: number;
  /** When the last of them came, in ms of `performance.now()`. */
  readonly cameMs: number;
  /** The place in the peer's part before which we may send. */
  readonly granted: number;
  /** Asks that wait to be sent, and asks of the peer that wait for us. */
  readonly toAsk: number[];
  readonly askedOfUs: number[];
  sentBytes: number;
  chunkBytesSent: number;
  readonly sentSpan: SentSpan;
  /** Whether the peer has told us a result of that chunk. */
  hasTold(chunk: number): boolean;
  uses(link: PeerLink): boolean;
  finish(link: PeerLink): Promise<void>;
}

/**
 * What one side says on one stream of a pair: the own chunks of the peer's part in order, each of which has a closing
 * time, then answers, which have until all must be in, then values that a standby asked for. A chunk that would come
 * late is passed over.
 */
export class LineWriter {
  readonly #line: WrittenLine;
  readonly #round: ToldRound;
  readonly #link: PeerLink;
  readonly #mine: readonly number[];
  #chunkAt = 0;
  #answerAt = 0;
  #windowTold = { place: 0, received: 0 };
  readonly #transits = new Transits(transitLimits);
  isDone = false;

  constructor(line: WrittenLine, round: ToldRound, link: PeerLink) {
    this.#line = line;
    this.#round = round;
    this.#link = link;
    this.#mine = round.leaves.length > 0 ? [...round.plan.part(line.index)] : [];
  }

  /** Until the stream is replaced or both sides are done. */
  async run(): Promise<void> {
    const { plan, leaves, clock } = this.#round;
    const rosterDigest = Buffer.from(plan.rosterDigest, 'hex');
    const payload = encodeOpen({ round: plan.roster.round, rosterDigest, agoMs: clock.agoMs, leaves });
    this.#line.sentSpan.opened(performance.now());
    await this.#send(frameTypes.open, { payload });
    const heartbeatMs = Math.min(REDUCE_HEARTBEAT_MS, plan.times.silentAfterMs / 4);
    while (this.#line.uses(this.#link)) {
      if (await this.#step()) continue;
      if (this.isDone && this.#line.doneReceived) return this.#line.finish(this.#link);
      if (!(await this.#line.wakeup.wait(heartbeatMs))) await this.#send(frameTypes.heartbeat, {});
    }
  }

  /** The peer says what came on this stream. */
  confirm(came: Came): void {
    const nowMs = performance.now();
    this.#transits.confirm(came, nowMs);
    this.#line.sentSpan.confirmed(came.received, nowMs);
  }

  /** Sends what comes next: short words first, for others wait for them. @returns false when there is nothing to send now */
  async #step(): Promise<boolean> {
    const window = { place: this.#round.windowPlace, received: this.#line.cameOnStream };
    const { place, received } = this.#windowTold;
    if (window.place !== place || window.received !== received) {
      this.#windowTold = window;
      await this.#send(frameTypes.window, {
        payload: encodeWindow({ ...window, cameMs: Math.round(this.#line.cameMs) >>> 0 }),
      });
    } else if (this.#line.toAsk.length > 0) {
      await this.#send(frameTypes.ask, { chunk: this.#line.toAsk.shift()! });
    } else if (this.#mayGoOn()) {
      await this.#offer(this.#mine[this.#chunkAt++]!);
    } else if (this.#owesAnswers) {
      if (!this.#transits.hasRoom) return false;
      await this.#sendOwed();
    } else if (!this.isDone && this.#isAllDone()) {
      this.isDone = true;
      await this.#send(frameTypes.done, {});
    } else return false;
    return true;
  }

  /** Whether the next own chunk may be sent, or need not be. */
  #mayGoOn(): boolean {
    const chunk = this.#mine[this.#chunkAt];
    if (chunk === undefined) return false;
    if (this.#isLate(chunk) || this.#round.fates.isReduced(chunk)) return true;
    return this.#chunkAt < this.#line.granted && this.#transits.hasRoom;
  }

  get #owesAnswers(): boolean {
    return this.#answerAt < this.#round.results.answered.length || this.#line.askedOfUs.length > 0;
  }

  async #sendOwed(): Promise<void> {
    const answered = this.#round.results.answered[this.#answerAt];
    if (answered === undefined) return this.#serve(this.#line.askedOfUs.shift()!);
    this.#answerAt++;
    return this.#sendAnswer(answered);
  }

  #isLate(chunk: number): boolean {
    const { plan, clock } = this.#round;
    return clock.nowMs + this.#transits.expectedMs(performance.now()) > plan.closesAtMs(chunk);
  }

  #isAllDone(): boolean {
    return this.#round.isOver && this.#round.fates.owedBy(this.#line.index) === 0;
  }

  async #offer(chunk: number): Promise<void> {
    if (this.#round.fates.isReduced(chunk)) return;
    if (this.#isLate(chunk)) await this.#send(frameTypes.pass, { chunk });
    else await this.#sendChunk(chunk);
  }

  /** A standby lacks this one: the reducer's own result if it is here, else our values, if it can still use them. */
  async #serve(chunk: number): Promise<void> {
    const { plan, clock, leaves } = this.#round;
    const held = await this.#round.results.read(chunk);
    const isTime =
      clock.nowMs >= plan.times.mainMs - plan.times.slackMs && clock.nowMs < plan.times.exchangeMs;
    const isOfReducer = held?.signer === plan.reducerOf(chunk);
    const frame = isOfReducer ? await this.#round.resultFrames.of(chunk) : null;
    if (frame) await this.#sendMuch(frame);
    else if (isTime && leaves.length > 0) await this.#sendChunk(chunk);
    else await this.#send(frameTypes.pass, { chunk });
  }

  async #sendChunk(chunk: number): Promise<void> {
    const { plan } = this.#round;
    const codec = valueCodecs[plan.members[plan.self!]!.codec].wire;
    const bytes = await this.#round.readChunk(chunk, HEADER_BYTES);
    const isOfItsPart = plan.reducerOf(chunk) === this.#line.index;
    if (isOfItsPart) this.#line.chunkBytesSent += bytes.length - HEADER_BYTES;
    const frame = withHeader(bytes, { type: frameTypes.chunk, codec, chunk, tag: plan.tag });
    await this.#sendMuch(frame, isOfItsPart ? 'of-its-part' : 'other');
  }

  async #sendAnswer(chunk: number): Promise<void> {
    if (this.#line.hasTold(chunk)) return;
    const frame = await this.#round.resultFrames.of(chunk);
    if (frame) return this.#sendMuch(frame);
    const none = this.#round.results.ownNone(chunk);
    if (none) await this.#send(frameTypes.none, { chunk, payload: encodeNone(none) });
  }

  #send(type: Frame['type'], parts: Partial<Frame>): Promise<void> {
    return this.#sendBytes(encodeFrame({ ...parts, type, tag: this.#round.plan.tag }));
  }

  /** A chunk or a result, whose coming the peer tells. */
  #sendMuch(bytes: Uint8Array, what: 'of-its-part' | 'other' = 'other'): Promise<void> {
    const nowMs = performance.now();
    this.#transits.sent(bytes.length, nowMs);
    this.#line.sentSpan.sent(what, nowMs);
    return this.#sendBytes(bytes);
  }

  async #sendBytes(bytes: Uint8Array): Promise<void> {
    this.#line.sentBytes += bytes.length;
    await this.#link.send(bytes);
  }
}
