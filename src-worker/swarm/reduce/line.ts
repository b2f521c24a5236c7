import { sha256 } from '../../../src-node/sha256.ts';
import { valueCodecs } from '../../../src-shared/codec/table.ts';
import type { MemberFault } from '../../../src-shared/contract/swarm.ts';
import { AnswerFlow } from '../../../src-shared/reduce/answer-flow.ts';
import { equalBytes, merkleRoot } from '../../../src-shared/reduce/merkle.ts';
import { ANSWERS_REMEMBERED, WINDOW_CHUNKS } from '../limits.ts';
import type { PeerLink } from '../net/link.ts';
import type { FrameSource } from './frame-source.ts';
import {
  decodeNone,
  decodeOpen,
  decodeResultFrame,
  decodeWindow,
  type Frame,
  frameTypes,
  type Signed,
  type SignedResult,
} from './frames.ts';
import { LineWriter, type ToldRound, type WrittenLine } from './line-writer.ts';
import { SentSpan } from './sent-span.ts';
import { Wakeup } from './wakeup.ts';

/** What a line needs of the round it belongs to. */
export interface LineRound extends ToldRound {
  onChunk(line: Line, chunk: number, bytes: Uint8Array): void;
  /** The peer will not send that chunk. */
  onPass(line: Line, chunk: number): void;
  onResult(line: Line, chunk: number, result: SignedResult): Promise<void>;
  onNone(line: Line, chunk: number, none: Signed): void;
  /** The peer came, went, or showed what it will not send. */
  onStanding(line: Line): void;
}

/**
 * One pair of members in one round: a stream that carries chunks and answers both ways. A stream that broke may be
 * replaced; then each side sends again what the other has not answered yet.
 */
export class Line implements WrittenLine {
  readonly index: number;
  readonly wakeup = new Wakeup();
  readonly #round: LineRound;
  #link: PeerLink | null = null;
  #writer: LineWriter | null = null;
  #taking = false;
  /** What we asked of it as a standby and it has not answered. */
  readonly #asking = new Set<number>();
  /** Chunks whose results it told us, and those it asked us for. */
  readonly #told = new Set<number>();
  #served = new Set<number>();
  /** Asks that wait to be sent, and asks of the peer that wait for us. */
  toAsk: number[] = [];
  askedOfUs: number[] = [];
  /** The place in its part before which we may send. */
  granted = WINDOW_CHUNKS;
  /** Chunks and results that came on the present stream. */
  cameOnStream = 0;
  /** When the last of them came, in ms of `performance.now()`. */
  cameMs = 0;
  /** False once the peer is gone or silent; true again when it comes back. */
  alive = true;
  doneReceived = false;
  finished = false;
  /** Why its values are not taken. */
  senderFault: MemberFault | null = null;
  /** Why its results are not taken. */
  reducerFault: MemberFault | null = null;
  /** Digests of its chunks once it has opened; empty when it sends nothing. */
  leaves: readonly Uint8Array[] | null = null;
  lastByteAtMs = performance.now();
  sentBytes = 0;
  receivedBytes = 0;
  /** Of the reducer's own part: what a standby asks for comes late by rule, and would make every line look slow. */
  chunkBytesSent = 0;
  readonly sentSpan = new SentSpan();
  chunkBytesReceived = 0;
  resultBytesReceived = 0;
  openedAtMs: number | null = null;
  /** Of our own part. */
  lastChunkAtMs: number | null = null;
  /** How results of its own part come. */
  readonly answers = new AnswerFlow(ANSWERS_REMEMBERED);

  constructor(index: number, round: LineRound) {
    this.index = index;
    this.#round = round;
  }

  /** Whether one of its results is on its way to our disk; nothing more is read until it is there. */
  get isTaking(): boolean {
    return this.#taking;
  }

  get isAttached(): boolean {
    return this.#link !== null;
  }

  /** Whether answers of this member may still come. */
  get mayDeliver(): boolean {
    return this.alive && !this.reducerFault && !this.doneReceived;
  }

  /** Whether its values of a chunk may still come: of our own part unasked, else if we asked. */
  isExpected(chunk: number): boolean {
    if (!this.alive || this.senderFault) return false;
    if (this.#round.plan.reducerOf(chunk) !== this.#round.plan.self) return this.#asking.has(chunk);
    return !this.doneReceived && this.leaves?.length !== 0;
  }

  /** Whether it has told us a result of that chunk. */
  hasTold(chunk: number): boolean {
    return this.#told.has(chunk);
  }

  uses(link: PeerLink): boolean {
    return this.#link === link;
  }

  notify(): void {
    this.wakeup.notify();
  }

  /** As a standby: asks for a chunk. */
  ask(chunk: number): void {
    this.#asking.add(chunk);
    this.toAsk.push(chunk);
    this.wakeup.notify();
  }

  /** Uses this stream from now on; resolves when it has ended. @param opened the peer's first frame, if already read */
  async attach(link: PeerLink, source: FrameSource, opened: Frame | null): Promise<void> {
    this.#link?.abort();
    this.#link = link;
    this.#renew();
    const writer = new LineWriter(this, this.#round, link);
    this.#writer = writer;
    source.onBytes = (bytes) => this.#heard(bytes);
    this.#round.onStanding(this);
    try {
      if (opened) {
        this.#heard(0);
        await this.#take(opened);
      }
      await Promise.all([this.#read(source, link), writer.run()]);
    } catch {
      link.abort();
    }
    if (this.#link !== link) return;
    this.#link = null;
    if (!this.finished) this.lose();
  }

  /** The peer is gone, as far as can be seen. */
  lose(): void {
    this.alive = false;
    this.#link?.abort();
    this.#link = null;
    this.wakeup.notify();
    this.#round.onStanding(this);
  }

  close(): void {
    const link = this.#link;
    this.#link = null;
    link?.abort();
    this.wakeup.notify();
  }

  /** Both sides have all they want of each other. */
  async finish(link: PeerLink): Promise<void> {
    this.finished = true;
    await link.close();
    this.#round.onStanding(this);
  }

  /** Its values are not taken any more; it still receives results, and its own are judged by themselves. */
  drop(fault: MemberFault): void {
    this.senderFault ??= fault;
    this.#round.onStanding(this);
  }

  #counted(): void {
    this.cameOnStream++;
    this.cameMs = performance.now();
  }

  #renew(): void {
    this.doneReceived = false;
    this.cameOnStream = 0;
    this.toAsk = [...this.#asking];
    this.askedOfUs = [];
    this.#served = new Set();
  }

  #heard(bytes: number): void {
    this.lastByteAtMs = performance.now();
    this.receivedBytes += bytes;
    // Only its bytes bring a lost peer back: a stream can be opened to one that will never speak.
    if (this.alive) return;
    this.alive = true;
    this.#round.onStanding(this);
  }

  async #read(source: FrameSource, link: PeerLink): Promise<void> {
    for (;;) {
      const frame = await source.next();
      if (this.#link !== link) return;
      if (!frame) return this.#ended(link);
      await this.#take(frame);
    }
  }

  #ended(link: PeerLink): void {
    if (this.doneReceived) return;
    link.abort();
    throw new Error('peer closed before it was done');
  }

  async #take(frame: Frame): Promise<void> {
    if (frame.tag !== this.#round.plan.tag) throw new Error('frame of another round');
    switch (frame.type) {
      case frameTypes.open:
        return this.#takeOpen(frame);
      case frameTypes.chunk:
        return this.#takeChunk(frame);
      case frameTypes.result:
        return this.#takeResult(frame);
      case frameTypes.none:
        return this.#round.onNone(this, frame.chunk, decodeNone(frame.payload));
      case frameTypes.window:
        return this.#takeWindow(frame);
      case frameTypes.ask:
        return this.#takeAsk(frame.chunk);
      case frameTypes.pass:
        return this.#takePass(frame.chunk);
      case frameTypes.done:
        return this.#takeDone();
      case frameTypes.heartbeat:
        return;
      case frameTypes.abort:
        throw new Error('peer aborted');
    }
  }

  #takeOpen(frame: Frame): void {
    const open = decodeOpen(frame.payload);
    const { plan, clock } = this.#round;
    const isOurs = open && equalBytes(open.rosterDigest, Buffer.from(plan.rosterDigest, 'hex'));
    if (!isOurs || open.round !== plan.roster.round) throw new Error('another roster');
    const member = plan.members[this.index]!;
    const declared = Buffer.from(member.root, 'hex');
    if (open.leaves.length > 0 && !equalBytes(merkleRoot(open.leaves, sha256), declared)) this.drop('root');
    this.leaves = member.weight > 0 ? open.leaves : [];
    this.openedAtMs ??= performance.now();
    clock.hear(this.index, open.agoMs);
    this.#round.onStanding(this);
  }

  #takeChunk({ chunk, codec, payload }: Frame): void {
    const { plan } = this.#round;
    const isOfOurPart = plan.reducerOf(chunk) === plan.self;
    if (!isOfOurPart && !this.#asking.delete(chunk)) throw new Error('chunk of a part that is not ours');
    if (isOfOurPart) {
      this.chunkBytesReceived += payload.length;
      this.lastChunkAtMs = performance.now();
    }
    this.#counted();
    this.wakeup.notify();
    if (this.senderFault) return;
    const leaf = this.leaves?.[chunk];
    if (codec !== valueCodecs[plan.members[this.index]!.codec].wire) this.drop('codec');
    else if (!leaf || !equalBytes(sha256(payload), leaf)) this.drop('bytes');
    else this.#round.onChunk(this, chunk, payload);
  }

  async #takeResult({ chunk, codec, payload }: Frame): Promise<void> {
    const { plan } = this.#round;
    if (codec !== plan.coder.resultWire) throw new Error('result of another codec');
    const isTheirs = plan.reducerOf(chunk) === this.index || plan.standbyOf(chunk) === this.index;
    const wasAsked = this.#asking.delete(chunk);
    if (!isTheirs && !plan.isOwnStandby(chunk)) throw new Error('result that is not theirs to tell');
    this.resultBytesReceived += payload.length;
    if (plan.reducerOf(chunk) === this.index && !this.#told.has(chunk)) this.answers.came(performance.now());
    this.#counted();
    this.wakeup.notify();
    this.#told.add(chunk);
    if (wasAsked) this.#round.onPass(this, chunk);
    if (this.reducerFault) return;
    this.#taking = true;
    await this.#round.onResult(this, chunk, decodeResultFrame(payload)).finally(() => {
      this.#taking = false;
      this.lastByteAtMs = performance.now();
    });
  }

  #takeWindow({ payload }: Frame): void {
    const { place, ...came } = decodeWindow(payload);
    this.granted = Math.max(this.granted, place);
    this.#writer?.confirm(came);
    this.wakeup.notify();
  }

  #takeAsk(chunk: number): void {
    if (this.#round.plan.standbyOf(chunk) !== this.index) throw new Error('asks for what is not its own');
    if (this.#served.has(chunk)) return;
    this.#served.add(chunk);
    this.askedOfUs.push(chunk);
    this.wakeup.notify();
  }

  #takePass(chunk: number): void {
    const { plan } = this.#round;
    if (plan.reducerOf(chunk) === plan.self || this.#asking.delete(chunk)) this.#round.onPass(this, chunk);
  }

  #takeDone(): void {
    this.doneReceived = true;
    this.#round.onStanding(this);
    this.wakeup.notify();
  }
}
