import { sha256 } from '../../../src-node/sha256.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { verifyMerklePath } from '../../../src-shared/reduce/merkle.ts';
import type { LineageEntry } from '../../../src-shared/rounds/messages.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import {
  DONOR_REST_MS,
  LINEAGE_LIMIT_MS,
  LINEAGE_MAX_BYTES,
  NO_DONOR_LIMIT_MS,
  PIECE_LIMIT_MS,
  PIECES_PER_DONOR,
} from '../limits.ts';
import { ask } from '../net/ask.ts';
import { fromBytes, toBytes } from '../net/json.ts';
import type { Network } from '../net/link.ts';
import { Wakeup } from '../reduce/wakeup.ts';
import type { SpoolDisk } from '../spool-disk.ts';
import { PieceFile, type PieceFileAt } from './piece-file.ts';
import {
  decodePiece,
  HAS_MAX_BYTES,
  hasAnswerSchema,
  lineageSchema,
  pieceAnswerMaxBytes,
  type StateQuestion,
} from './protocol.ts';

/** A donor that fails this often in a row is left alone for the rest of the transfer. */
const MAX_FAILURES = 3;

export interface FetchedState {
  readonly bytes: number;
  readonly donors: Ss58[];
}

/**
 * Fetches a state from whoever holds it, several donors at once, each piece verified by its path to the base digest.
 * A donor whose piece is wrong is not asked again in this transfer; donors that connect later join in.
 * @throws {AppError} STATE_NO_DONOR when nobody gave a piece for a named time
 */
export async function fetchState(
  network: Network,
  at: PieceFileAt,
  disk: SpoolDisk,
  onProgress: (receivedBytes: number) => void,
  signal: AbortSignal,
): Promise<FetchedState> {
  const file = await PieceFile.open(at, disk, signal);
  const transfer = new Transfer(network, at, file, onProgress, signal);
  const unsubscribe = network.onPeer(() => transfer.changed.notify());
  try {
    await transfer.run();
  } catch (thrown) {
    await file.close();
    throw thrown;
  } finally {
    unsubscribe();
  }
  if (!(await file.finish())) throw new AppError('STATE_NO_DONOR', { round: at.baseDigest.slice(0, 8) });
  return { bytes: at.sizeBytes, donors: [...transfer.gave] };
}

class Transfer {
  readonly gave = new Set<Ss58>();
  readonly changed = new Wakeup();
  readonly #network: Network;
  readonly #at: PieceFileAt;
  readonly #file: PieceFile;
  readonly #onProgress: (receivedBytes: number) => void;
  readonly #signal: AbortSignal;
  readonly #root: Uint8Array;
  readonly #asked = new Map<number, number>();
  readonly #active = new Map<Ss58, Promise<void>>();
  /** Not before this time; Infinity for one that lied or keeps failing. */
  readonly #restUntilMs = new Map<Ss58, number>();
  readonly #failures = new Map<Ss58, number>();
  #progressAtMs = performance.now();

  constructor(
    network: Network,
    at: PieceFileAt,
    file: PieceFile,
    onProgress: (receivedBytes: number) => void,
    signal: AbortSignal,
  ) {
    this.#network = network;
    this.#at = at;
    this.#file = file;
    this.#onProgress = onProgress;
    this.#signal = signal;
    this.#root = Buffer.from(at.baseDigest, 'hex');
  }

  async run(): Promise<void> {
    this.#onProgress(this.#file.receivedBytes);
    const stop = () => this.changed.notify();
    this.#signal.addEventListener('abort', stop, { once: true });
    try {
      while (!this.#file.isComplete) {
        this.#signal.throwIfAborted();
        this.#startDonors();
        if (this.#active.size === 0 && performance.now() - this.#progressAtMs > NO_DONOR_LIMIT_MS)
          throw new AppError('STATE_NO_DONOR', { round: this.#at.baseDigest.slice(0, 8) });
        await this.changed.wait(DONOR_REST_MS);
      }
    } finally {
      this.#signal.removeEventListener('abort', stop);
      await Promise.allSettled(this.#active.values());
    }
  }

  #startDonors(): void {
    for (const donor of this.#network.peers()) {
      const resting = (this.#restUntilMs.get(donor) ?? 0) > performance.now();
      if (resting || this.#active.has(donor)) continue;
      const work = this.#drain(donor).finally(() => {
        this.#active.delete(donor);
        this.changed.notify();
      });
      this.#active.set(donor, work);
    }
  }

  async #drain(donor: Ss58): Promise<void> {
    try {
      if (!(await this.#hasState(donor))) return this.#rest(donor);
      await Promise.all(Array.from({ length: PIECES_PER_DONOR }, () => this.#takePieces(donor)));
      this.#failures.delete(donor);
    } catch {
      const failures = (this.#failures.get(donor) ?? 0) + 1;
      this.#failures.set(donor, failures);
      if (failures >= MAX_FAILURES) this.#ban(donor);
      else this.#rest(donor);
    }
  }

  async #hasState(donor: Ss58): Promise<boolean> {
    const question = { kind: 'has', baseDigest: this.#at.baseDigest as never } as const;
    const answer = await this.#ask(donor, question, HAS_MAX_BYTES).catch(() => null);
    return (answer && fromBytes(hasAnswerSchema, answer)?.sizeBytes) === this.#at.sizeBytes;
  }

  async #takePieces(donor: Ss58): Promise<void> {
    for (let piece = this.#next(); piece !== null && !this.#isBanned(donor); piece = this.#next()) {
      this.#asked.set(piece, (this.#asked.get(piece) ?? 0) + 1);
      try {
        await this.#takePiece(donor, piece);
      } finally {
        const asked = (this.#asked.get(piece) ?? 1) - 1;
        if (asked > 0) this.#asked.set(piece, asked);
        else this.#asked.delete(piece);
      }
    }
  }

  async #takePiece(donor: Ss58, piece: number): Promise<void> {
    const question = { kind: 'piece', baseDigest: this.#at.baseDigest as never, piece } as const;
    const answer = decodePiece(await this.#ask(donor, question, pieceAnswerMaxBytes(this.#at.pieceBytes)));
    if (this.#file.has(piece)) return;
    const leaf = answer && sha256(answer.piece);
    const proof = { index: piece, count: this.#file.pieces, root: this.#root };
    const isRight =
      answer?.piece.length === this.#file.lengthOf(piece) &&
      verifyMerklePath({ ...proof, leaf: leaf!, path: answer.path }, sha256);
    if (!isRight) return this.#ban(donor);
    await this.#file.put(piece, answer.piece, leaf!);
    this.gave.add(donor);
    this.#progressAtMs = performance.now();
    this.#onProgress(this.#file.receivedBytes);
    if (this.#file.isComplete) this.changed.notify();
  }

  /** A piece nobody was asked for; at the end one that a single donor is slow with. */
  #next(): number | null {
    if (this.#signal.aborted) return null;
    let slow: number | null = null;
    for (let piece = 0; piece < this.#file.pieces; piece++) {
      if (this.#file.has(piece)) continue;
      const asked = this.#asked.get(piece) ?? 0;
      if (asked === 0) return piece;
      if (asked === 1) slow ??= piece;
    }
    return this.#active.size > 1 ? slow : null;
  }

  #ask(donor: Ss58, question: StateQuestion, maxBytes: number): Promise<Uint8Array> {
    const limits = { maxBytes, limitMs: PIECE_LIMIT_MS, signal: this.#signal };
    return ask(this.#network, { hotkey: donor, protocol: 'state' }, toBytes(question), limits);
  }

  #rest(donor: Ss58): void {
    this.#restUntilMs.set(donor, performance.now() + DONOR_REST_MS);
  }

  #ban(donor: Ss58): void {
    this.#restUntilMs.set(donor, Number.POSITIVE_INFINITY);
  }

  #isBanned(donor: Ss58): boolean {
    return this.#restUntilMs.get(donor) === Number.POSITIVE_INFINITY;
  }
}

/**
 * The list of committed rounds from one peer, or the longest that any connected peer gives. Its hash chain is the
 * host's to check.
 * @throws {AppError} PEER_REFUSED when nobody gives one
 */
export async function fetchLineage(
  network: Network,
  hotkey: Ss58 | null,
  signal: AbortSignal,
): Promise<LineageEntry[]> {
  const limits = { maxBytes: LINEAGE_MAX_BYTES, limitMs: LINEAGE_LIMIT_MS, signal };
  const peers = hotkey ? [hotkey] : network.peers();
  const lists = await Promise.all(
    peers.map(async (peer) => {
      const question: StateQuestion = { kind: 'lineage' };
      const to = { hotkey: peer, protocol: 'state' } as const;
      const answer = await ask(network, to, toBytes(question), limits).catch(() => null);
      return answer && fromBytes(lineageSchema, answer);
    }),
  );
  signal.throwIfAborted();
  const [longest] = lists.filter((list) => list !== null).sort((a, b) => b.length - a.length);
  if (!longest) throw new AppError('PEER_REFUSED', { peer: hotkey ?? 'any' });
  return longest;
}
