import { type FileHandle, open } from 'node:fs/promises';
import { sha256 } from '../../../src-node/sha256.ts';
import { type MerkleLevels, merkleLevels, merklePath } from '../../../src-shared/reduce/merkle.ts';
import { pieceCount, pieceLength } from '../../../src-shared/reduce/state-digest.ts';
import type { LineageEntry } from '../../../src-shared/rounds/messages.ts';
import { PIECE_LIMIT_MS } from '../limits.ts';
import { serveAnswers } from '../net/ask.ts';
import { fromBytes, toBytes } from '../net/json.ts';
import type { Network } from '../net/link.ts';
import { encodePiece, QUESTION_MAX_BYTES, type StateQuestion, stateQuestionSchema } from './protocol.ts';

/** States served at once: the current one, and the one before for transfers under way. */
const STATES_KEPT = 2;

interface Offer {
  readonly baseDigest: string;
  readonly sizeBytes: number;
  /** Held open: a file that is replaced stays readable for transfers under way. */
  readonly file: FileHandle;
  /** Built at the first question; null when the file is not what its digest says. */
  tree: Promise<MerkleLevels | null> | null;
}

/** Gives newcomers the state of this node, piece by piece with its path, and the list of committed rounds. */
export class StateDonor {
  readonly #pieceBytes: number;
  readonly #stop = new AbortController();
  #offers: Offer[] = [];
  #lineage: readonly LineageEntry[] = [];

  constructor(network: Network, pieceBytes: number) {
    this.#pieceBytes = pieceBytes;
    const limits = { maxBytes: QUESTION_MAX_BYTES, limitMs: PIECE_LIMIT_MS };
    serveAnswers(network, 'state', limits, async (bytes) => {
      const question = fromBytes(stateQuestionSchema, bytes);
      return question && this.#answer(question);
    });
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
    this.#offers.push({ baseDigest, sizeBytes, file: await open(given.path, 'r'), tree: null });
    const old = this.#offers.slice(0, -STATES_KEPT);
    this.#offers = this.#offers.slice(-STATES_KEPT);
    for (const { file } of old) await file.close();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    for (const { file, tree } of this.#offers.splice(0)) {
      await tree?.catch(() => {});
      await file.close();
    }
  }

  async #answer(question: StateQuestion): Promise<Uint8Array | null> {
    if (question.kind === 'lineage') return toBytes(this.#lineage);
    const offer = this.#offers.find(({ baseDigest }) => baseDigest === question.baseDigest);
    if (!offer) return null;
    offer.tree ??= this.#build(offer);
    const tree = await offer.tree;
    if (!tree) return null;
    if (question.kind === 'has') return toBytes({ sizeBytes: offer.sizeBytes });
    if (question.piece >= pieceCount(offer.sizeBytes, this.#pieceBytes)) return null;
    const piece = await this.#read(offer, question.piece);
    return encodePiece({ path: merklePath(tree, question.piece), piece });
  }

  async #build(offer: Offer): Promise<MerkleLevels | null> {
    try {
      const leaves: Uint8Array[] = [];
      for (let i = 0; i < pieceCount(offer.sizeBytes, this.#pieceBytes); i++) {
        this.#stop.signal.throwIfAborted();
        leaves.push(sha256(await this.#read(offer, i)));
      }
      const tree = merkleLevels(leaves, sha256);
      return Buffer.from(tree.root).toString('hex') === offer.baseDigest ? tree : null;
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
