import { sha256 } from '../../../src-node/sha256.ts';
import { equalBytes, merkleRoot } from '../../../src-shared/reduce/merkle.ts';
import { REDUCE_HEARTBEAT_MS } from '../limits.ts';
import type { PeerLink } from '../net/link.ts';
import type { FrameSource } from './frame-source.ts';
import {
  decodeOpen,
  decodeResultFrame,
  encodeFrame,
  encodeOpen,
  encodeResult,
  type Frame,
  frameTypes,
  type SignedResult,
} from './frames.ts';
import type { RoundPlan } from './plan.ts';
import { Wakeup } from './wakeup.ts';

/** What a line needs of the round it belongs to. */
export interface LineRound {
  readonly plan: RoundPlan;
  readonly leaves: readonly Uint8Array[];
  /** Own chunks whose fate is known, in the order in which they closed. */
  readonly closedChunks: readonly number[];
  /** Whether nothing more will be added to that list. */
  readonly ownPartClosed: boolean;
  readChunk(chunk: number): Promise<Uint8Array>;
  /** null: that chunk has no result. */
  readResult(chunk: number): Promise<SignedResult | null>;
  isResolved(chunk: number): boolean;
  onChunk(line: Line, chunk: number, bytes: Uint8Array): void;
  onResult(line: Line, chunk: number, result: SignedResult): Promise<void>;
  onNone(line: Line, chunk: number): void;
  /** The peer came, went, or showed what it will not send. */
  onStanding(line: Line): void;
}

/**
 * One pair of members in one round: a stream that carries chunks and results both ways. A stream that broke may be
 * replaced; then each side sends again what the other has not answered yet.
 */
export class Line {
  readonly index: number;
  readonly #round: LineRound;
  readonly #wakeup = new Wakeup();
  #link: PeerLink | null = null;
  #doneSent = false;
  #taking = false;
  /** False once the peer is gone or silent; true again when it comes back. */
  alive = true;
  doneReceived = false;
  finished = false;
  /** Why its values are not taken. */
  senderFault: string | null = null;
  /** Why its results are not taken. */
  reducerFault: string | null = null;
  /** Digests of its chunks once it has opened; empty when it sends nothing. */
  leaves: readonly Uint8Array[] | null = null;
  lastByteAtMs = performance.now();
  sentBytes = 0;
  receivedBytes = 0;
  chunkBytesSent = 0;
  chunkBytesReceived = 0;
  resultBytesReceived = 0;
  openedAtMs: number | null = null;
  lastChunkAtMs: number | null = null;

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

  /** Whether chunks of this member may still come. */
  get isExpected(): boolean {
    return this.alive && !this.senderFault && !this.doneReceived && this.leaves?.length !== 0;
  }

  /** Whether results of this member may still come. */
  get mayDeliver(): boolean {
    return this.alive && !this.reducerFault && !this.doneReceived;
  }

  notify(): void {
    this.#wakeup.notify();
  }

  /** Uses this stream from now on; resolves when it has ended. @param opened the peer's first frame, if already read */
  async attach(link: PeerLink, source: FrameSource, opened: Frame | null): Promise<void> {
    this.#link?.abort();
    this.#link = link;
    this.#doneSent = false;
    this.doneReceived = false;
    source.onBytes = (bytes) => this.#heard(bytes);
    this.#round.onStanding(this);
    try {
      if (opened) {
        this.#heard(0);
        await this.#take(opened);
      }
      await Promise.all([this.#read(source, link), this.#write(link)]);
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
    this.#wakeup.notify();
    this.#round.onStanding(this);
  }

  close(): void {
    const link = this.#link;
    this.#link = null;
    link?.abort();
    this.#wakeup.notify();
  }

  #heard(bytes: number): void {
    this.lastByteAtMs = performance.now();
    this.receivedBytes += bytes;
    // Only its bytes bring a lost peer back: a stream can be opened to one that will never speak.
    if (this.alive) return;
    this.alive = true;
    this.#round.onStanding(this);
  }

  // --- sending

  async #write(link: PeerLink): Promise<void> {
    const { plan, leaves } = this.#round;
    const rosterDigest = Buffer.from(plan.rosterDigest, 'hex');
    await this.#send(link, frameTypes.open, {
      payload: encodeOpen({ round: plan.roster.round, rosterDigest, leaves }),
    });
    const mine = leaves.length > 0 ? [...plan.part(this.index)] : [];
    let chunkAt = 0;
    let resultAt = 0;
    const heartbeatMs = Math.min(REDUCE_HEARTBEAT_MS, plan.reduce.silentAfterMs / 4);
    while (this.#link === link) {
      const closed = this.#round.closedChunks[resultAt];
      if (closed !== undefined) {
        resultAt++;
        await this.#sendResult(link, closed);
      } else if (chunkAt < mine.length) {
        await this.#sendChunk(link, mine[chunkAt++]!);
      } else if (!this.#doneSent && this.#isAllDone()) {
        this.#doneSent = true;
        await this.#send(link, frameTypes.done, {});
      } else if (this.#doneSent && this.doneReceived) {
        this.finished = true;
        await link.close();
        this.#round.onStanding(this);
        return;
      } else if (!(await this.#wakeup.wait(heartbeatMs))) {
        await this.#send(link, frameTypes.heartbeat, {});
      }
    }
  }

  #isAllDone(): boolean {
    const { plan, ownPartClosed } = this.#round;
    return ownPartClosed && [...plan.part(this.index)].every((chunk) => this.#round.isResolved(chunk));
  }

  async #sendChunk(link: PeerLink, chunk: number): Promise<void> {
    if (this.#round.isResolved(chunk)) return;
    const { plan } = this.#round;
    const codec = plan.members[plan.self!]!.codec === 'fp16' ? 1 : 0;
    const payload = await this.#round.readChunk(chunk);
    this.chunkBytesSent += payload.length;
    await this.#send(link, frameTypes.chunk, { chunk, codec, payload });
  }

  async #sendResult(link: PeerLink, chunk: number): Promise<void> {
    const result = await this.#round.readResult(chunk);
    if (!result) return this.#send(link, frameTypes.none, { chunk });
    await this.#send(link, frameTypes.result, { chunk, codec: 1, payload: encodeResult(result) });
  }

  async #send(link: PeerLink, type: Frame['type'], parts: Partial<Frame>): Promise<void> {
    const bytes = encodeFrame({ ...parts, type, tag: this.#round.plan.tag });
    this.sentBytes += bytes.length;
    await link.send(bytes);
  }

  // --- receiving

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
    if (frame.type === frameTypes.open) this.#takeOpen(frame);
    else if (frame.type === frameTypes.chunk) this.#takeChunk(frame);
    else if (frame.type === frameTypes.result) await this.#takeResult(frame);
    else if (frame.type === frameTypes.none) this.#takeNone(frame.chunk);
    else if (frame.type === frameTypes.abort) throw new Error('peer aborted');
    else if (frame.type === frameTypes.done) {
      this.doneReceived = true;
      this.#round.onStanding(this);
      this.#wakeup.notify();
    }
  }

  #takeOpen(frame: Frame): void {
    const open = decodeOpen(frame.payload);
    const { plan } = this.#round;
    const isOurs = open && equalBytes(open.rosterDigest, Buffer.from(plan.rosterDigest, 'hex'));
    if (!isOurs || open.round !== plan.roster.round) throw new Error('another roster');
    const member = plan.members[this.index]!;
    const declared = Buffer.from(member.root, 'hex');
    if (open.leaves.length > 0 && !equalBytes(merkleRoot(open.leaves, sha256), declared)) this.drop('root');
    this.leaves = member.weight > 0 ? open.leaves : [];
    this.openedAtMs ??= performance.now();
    this.#round.onStanding(this);
  }

  #takeChunk({ chunk, payload }: Frame): void {
    const { plan } = this.#round;
    if (plan.reducerOf(chunk) !== plan.self) throw new Error('chunk of a part that is not ours');
    this.chunkBytesReceived += payload.length;
    this.lastChunkAtMs = performance.now();
    if (this.senderFault) return;
    const leaf = this.leaves?.[chunk];
    if (!leaf || !equalBytes(sha256(payload), leaf)) this.drop('bytes');
    else this.#round.onChunk(this, chunk, payload);
  }

  async #takeResult({ chunk, payload }: Frame): Promise<void> {
    if (this.#round.plan.reducerOf(chunk) !== this.index)
      throw new Error('result of a part that is not theirs');
    this.resultBytesReceived += payload.length;
    if (this.reducerFault) return;
    this.#taking = true;
    await this.#round.onResult(this, chunk, decodeResultFrame(payload)).finally(() => {
      this.#taking = false;
      this.lastByteAtMs = performance.now();
    });
  }

  #takeNone(chunk: number): void {
    if (this.#round.plan.reducerOf(chunk) === this.index) this.#round.onNone(this, chunk);
  }

  /** Its values are not taken any more; it still receives results, and its own are judged by themselves. */
  drop(fault: string): void {
    this.senderFault ??= fault;
    this.#round.onStanding(this);
  }
}
