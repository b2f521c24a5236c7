import { verifyEd25519 } from '../../../src-node/ed25519.ts';
import { inSlices } from '../../../src-node/portions.ts';
import { sha256, sha256Hex } from '../../../src-node/sha256.ts';
import { turns } from '../../../src-node/turns.ts';
import { pause } from '../../../src-node/waits.ts';
import { ACCUSED_MAX, type AccusationsPayload, type Fraud } from '../../../src-shared/audit/fraud.ts';
import {
  decodeFraudProof,
  encodeFraudProof,
  type FraudProof,
} from '../../../src-shared/audit/fraud-proof.ts';
import { UNSIGNED, upholdInPortions } from '../../../src-shared/audit/uphold.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { ask } from '../net/ask.ts';
import { toBytes } from '../net/json.ts';
import type { Network } from '../net/link.ts';
import type { KeptProofs } from './kept-proofs.ts';
import {
  ACCUSATIONS_WAITING,
  PROOF_LIMIT_MS,
  PROOF_PAUSE_MS,
  PROOF_TRIES,
  PROOF_WRITE_MS,
} from './limits.ts';
import type { AuditQuestion } from './protocol.ts';
import type { KnownRosters, KnownRound } from './rosters.ts';

export interface AccusationsInit {
  readonly network: Network;
  readonly rosters: KnownRosters;
  readonly proofs: KeptProofs;
  /** Bytes of a proof at most. */
  readonly maxBytes: number;
  /** Who else may have a proof. */
  witnesses(): ReadonlySet<string>;
  say(payload: AccusationsPayload): void;
  /** A proof was upheld here for the first time. */
  onFraud(fraud: Fraud): void;
  readonly signal: AbortSignal;
}

/**
 * Fraud proofs that are found here or heard of. Nobody is believed: each proof is fetched and summed anew. Who accuses
 * with what is no proof is not heard again.
 */
export class Accusations {
  readonly #init: AccusationsInit;
  readonly #false = new Set<Ss58>();
  /** Of each accuser one proof is fetched at a time: who gives slowly what is none delays nobody's but its own. */
  readonly #queues = new Map<Ss58, { readonly inTurn: ReturnType<typeof turns>; waiting: number }>();

  constructor(init: AccusationsInit) {
    this.#init = init;
  }

  /** Tells proofs that were made here, and keeps them: what was found does not hang on room on the disk. */
  async found(round: KnownRound, proofs: readonly FraudProof[]): Promise<readonly Fraud[]> {
    const frauds: Fraud[] = [];
    const writing: Promise<void>[] = [];
    for (const proof of proofs) {
      const bytes = encodeFraudProof(proof);
      const accused = round.members[proof.result.signer]!.hotkey;
      const fraud = { accused, round: round.round, chunk: proof.chunk, ...named(bytes) };
      if (!this.#init.proofs.has(fraud)) writing.push(this.#keep(fraud, bytes).catch(notKept));
      frauds.push(fraud);
    }
    if (frauds.length > 0)
      this.#init.say({ round: round.round, frauds: this.#init.proofs.all.slice(0, ACCUSED_MAX) });
    await withinWriteTime(Promise.all(writing), this.#init.signal);
    return frauds;
  }

  /** Looks at what a witness accuses others of, in its turn. */
  async heard({ frauds }: AccusationsPayload, accuser: Ss58): Promise<void> {
    const queue = this.#queues.get(accuser) ?? { inTurn: turns(), waiting: 0 };
    this.#queues.set(accuser, queue);
    const taken = frauds.slice(0, ACCUSATIONS_WAITING - queue.waiting);
    queue.waiting += taken.length;
    for (const fraud of taken) {
      await queue.inTurn(() => this.#judge(fraud, accuser)).catch(() => undefined);
      queue.waiting--;
    }
  }

  async #judge(fraud: Fraud, accuser: Ss58): Promise<void> {
    const { proofs, rosters, maxBytes, signal } = this.#init;
    if (signal.aborted || this.#false.has(accuser) || proofs.has(fraud) || fraud.sizeBytes > maxBytes) return;
    // Without its roster nothing could be said of it: not a byte is fetched.
    if (!rosters.hasRound(fraud.round)) return;
    const bytes = await this.#fetch(fraud, accuser);
    const isUpheld = bytes && (await this.#isUpheld(fraud, bytes));
    if (bytes && isUpheld) return this.#keep(fraud, bytes);
    if (isUpheld === false) this.#false.add(accuser);
  }

  /** @returns null where nothing can be said: its roster, or the key that the accused signed with, is not known here */
  async #isUpheld(fraud: Fraud, bytes: Uint8Array): Promise<boolean | null> {
    const { rosters, signal } = this.#init;
    const proof = decodeFraudProof(bytes);
    if (!proof) return false;
    const round = rosters.get(proof.rosterDigest);
    if (!round) return null;
    const keysOf = (index: number) => rosters.keysOf(round, index);
    const isMeant =
      round.members[proof.result.signer]?.hotkey === fraud.accused &&
      round.round === fraud.round &&
      proof.chunk === fraud.chunk;
    if (!isMeant) return false;
    const judging = upholdInPortions(proof, round, { sha256, verify: verifyEd25519, keysOf });
    const fault = await inSlices(judging, signal);
    // Who has moved may have signed with a key that was never seen here: its accuser is no liar for that.
    if (fault === UNSIGNED && keysOf(proof.result.signer).length !== 1) return null;
    return fault === null;
  }

  /** All have heard of it at once: who finds its witnesses busy comes again. */
  async #fetch(fraud: Fraud, accuser: Ss58): Promise<Uint8Array | null> {
    const { signal } = this.#init;
    for (let tries = 1; ; tries++) {
      const bytes = await this.#ask(fraud, accuser);
      if (bytes || tries === PROOF_TRIES || signal.aborted) return bytes;
      await pause(PROOF_PAUSE_MS, signal);
    }
  }

  /** From who says it, then from other witnesses. */
  async #ask({ digest, sizeBytes }: Fraud, accuser: Ss58): Promise<Uint8Array | null> {
    const { network, signal } = this.#init;
    const others = network.peers().filter((peer) => peer !== accuser && this.#init.witnesses().has(peer));
    const question: AuditQuestion = { want: 'proof', digest };
    const limits = { maxBytes: sizeBytes, limitMs: PROOF_LIMIT_MS, signal };
    for (const hotkey of [accuser, ...others]) {
      const asked = ask(network, { hotkey, protocol: 'audit' }, toBytes(question), limits);
      const bytes = await asked.catch(() => null);
      if (bytes && sha256Hex(bytes) === digest) return bytes;
    }
    return null;
  }

  /** Known and given to others at once; the promise is of the disk. */
  #keep(fraud: Fraud, bytes: Uint8Array): Promise<void> {
    const written = this.#init.proofs.keep(fraud, bytes, this.#init.signal);
    this.#init.onFraud(fraud);
    return written;
  }
}

/** A full disk is waited for behind this; a vote is not. */
async function withinWriteTime(written: Promise<unknown>, stop: AbortSignal): Promise<void> {
  const enough = new AbortController();
  const over = pause(PROOF_WRITE_MS, AbortSignal.any([stop, enough.signal]));
  await Promise.race([written, over]);
  enough.abort();
}

const notKept = (thrown: unknown): void =>
  console.error('a fraud proof could not be kept on the disk', thrown);

const named = (bytes: Uint8Array) => ({ digest: sha256Hex(bytes), sizeBytes: bytes.length });
