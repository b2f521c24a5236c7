import { type FileHandle, open } from 'node:fs/promises';
import { awakeLimit } from '../../../src-node/awake-clock.ts';
import { sha256 } from '../../../src-node/sha256.ts';
import { aborted, underEither } from '../../../src-node/waits.ts';
import { merkleRoot } from '../../../src-shared/reduce/merkle.ts';
import { pieceCount, pieceLength } from '../../../src-shared/reduce/state-digest.ts';
import type { LineageEntry } from '../../../src-shared/rounds/messages.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import { MessageReader, sendMessage, withLink } from '../net/ask.ts';
import { fromBytes, toBytes } from '../net/json.ts';
import type { Network, PeerLink } from '../net/link.ts';
import { Giving } from './giving.ts';
import type { Found, KeptRounds } from './kept-rounds.ts';
import { LISTING_WAIT_MS, PIECE_LIMIT_MS } from './limits.ts';
import {
  HASH_BYTES,
  later,
  QUESTION_MAX_BYTES,
  type StateQuestion,
  stateQuestionSchema,
} from './protocol.ts';
import { sendPaced } from './send-paced.ts';

/** States served at once: the current one, and the one before for transfers under way. */
const STATES_KEPT = 2;

interface Offer {
  readonly baseDigest: string;
  readonly sizeBytes: number;
  /** Held open: a file that is replaced stays readable for transfers under way. */
  readonly file: FileHandle;
  /** SHA-256 of each piece, made when first asked for; null when the file is not what its digest says. */
  listing: Promise<Uint8Array | null> | null;
}

/**
 * Gives newcomers the state of this node, piece by piece, and the list of committed rounds; and who lacks one round what led
 * over it.
 */
export class StateDonor {
  readonly giving = new Giving();
  readonly #pieceBytes: number;
  readonly #rounds: Pick<KeptRounds, 'find'> | null;
  readonly #stop = new AbortController();
  #offers: Offer[] = [];
  #lineage: readonly LineageEntry[] = [];

  /** @param rounds what is kept of rounds that are over; null: nothing of them is given */
  constructor(network: Network, pieceBytes: number, rounds: Pick<KeptRounds, 'find'> | null = null) {
    this.#pieceBytes = pieceBytes;
    this.#rounds = rounds;
    network.handle('state', (link, from) =>
      underEither([awakeLimit(PIECE_LIMIT_MS), this.#stop.signal], (signal) =>
        withLink(link, signal, () => this.#serve(link, from, signal)),
      ),
    );
  }

  async offer(given: {
    readonly baseDigest: string;
    readonly path: string;
    readonly sizeBytes: number;
    readonly lineage: readonly LineageEntry[];
  }): Promise<void> {
    this.#lineage = given.lineage;
    if (this.#offers.some(({ baseDigest }) => baseDigest === given.baseDigest)) return;
    const { baseDigest, sizeBytes } = given;
    this.#offers.push({ baseDigest, sizeBytes, file: await open(given.path, 'r'), listing: null });
    const old = this.#offers.slice(0, -STATES_KEPT);
    this.#offers = this.#offers.slice(-STATES_KEPT);
    for (const { file } of old) await file.close();
  }

  /** Length and SHA-256 of each piece of a state that is offered here; null of any other, and of a damaged file. */
  async piecesOf(
    baseDigest: Hex,
  ): Promise<readonly { readonly bytes: number; readonly digest: Uint8Array }[] | null> {
    const offer = this.#offers.find((one) => one.baseDigest === baseDigest);
    if (!offer) return null;
    offer.listing ??= this.#list(offer);
    const listed = await offer.listing;
    if (!listed) return null;
    const { sizeBytes } = offer;
    return Array.from({ length: pieceCount(sizeBytes, this.#pieceBytes) }, (_, i) => ({
      bytes: pieceLength(sizeBytes, this.#pieceBytes, i),
      digest: listed.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
    }));
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    for (const { file, listing } of this.#offers.splice(0)) {
      await listing?.catch(() => {});
      await file.close();
    }
  }

  async #serve(link: PeerLink, from: Ss58, signal: AbortSignal): Promise<void> {
    const bytes = await new MessageReader(link, from).next(QUESTION_MAX_BYTES);
    const question = bytes && fromBytes(stateQuestionSchema, bytes);
    if (question?.kind === 'lineage') return sendMessage(link, toBytes(this.#lineage));
    const found = question && (await this.#find(question, signal));
    if (found === 'later') return sendMessage(link, later());
    if (!found) return sendMessage(link, new Uint8Array(0));
    const gone = this.giving.admit(from, found.bytes);
    if (!gone) return sendMessage(link, later());
    try {
      const given = await found.read();
      if (!given) return await sendMessage(link, new Uint8Array(0));
      const { pace, held } = this.giving;
      await underEither([signal, held], (either) => sendPaced(link, given, pace, either));
    } finally {
      gone();
    }
  }

  /** What answers a question; null where it is not here. */
  async #find(
    question: Exclude<StateQuestion, { kind: 'lineage' }>,
    signal: AbortSignal,
  ): Promise<Found | 'later' | null> {
    if (question.kind !== 'manifest' && question.kind !== 'piece')
      return this.#rounds?.find(question, signal) ?? null;
    const offer = this.#offers.find(({ baseDigest }) => baseDigest === question.baseDigest);
    if (!offer) return null;
    const listed = await this.#listedOf(offer);
    if (listed === 'later' || !listed) return listed;
    if (question.kind === 'manifest') return { bytes: listed.length, read: async () => listed };
    const { sizeBytes } = offer;
    const { piece } = question;
    if (piece >= pieceCount(sizeBytes, this.#pieceBytes)) return null;
    const bytes = pieceLength(sizeBytes, this.#pieceBytes, piece);
    return { bytes, read: () => this.#read(offer, piece) };
  }

  /** A file of gigabytes takes its time: whoever asked is told to come later, once it has waited for a while. */
  #listedOf(offer: Offer): Promise<Uint8Array | null | 'later'> {
    offer.listing ??= this.#list(offer);
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), LISTING_WAIT_MS);
    return Promise.race([offer.listing, aborted(patience.signal).then(() => 'later' as const)]).finally(() =>
      clearTimeout(timer),
    );
  }

  async #list(offer: Offer): Promise<Uint8Array | null> {
    try {
      const leaves: Uint8Array[] = [];
      for (let i = 0; i < pieceCount(offer.sizeBytes, this.#pieceBytes); i++) {
        this.#stop.signal.throwIfAborted();
        leaves.push(sha256(await this.#read(offer, i)));
      }
      const root = Buffer.from(merkleRoot(leaves, sha256)).toString('hex');
      return root === offer.baseDigest ? Buffer.concat(leaves) : null;
    } catch {
      return null;
    }
  }

  async #read({ file, sizeBytes }: Offer, piece: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(pieceLength(sizeBytes, this.#pieceBytes, piece));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, piece * this.#pieceBytes);
    if (bytesRead !== bytes.length) throw new RangeError('state file is shorter than offered');
    return bytes;
  }
}
