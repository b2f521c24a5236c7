import { join } from 'node:path';
import { awakeLimit } from '../../../src-node/awake-clock.ts';
import type { AccusationsPayload, Fraud } from '../../../src-shared/audit/fraud.ts';
import { fraudProofMaxBytes } from '../../../src-shared/audit/fraud-proof.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import type { ChunkGrid } from '../../../src-shared/reduce/chunks.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import { MessageReader, sendMessage, withLink } from '../net/ask.ts';
import { fromBytes } from '../net/json.ts';
import type { Network } from '../net/link.ts';
import type { SpoolDisk } from '../spool-disk.ts';
import { Accusations } from './accusations.ts';
import { type AuditFindings, auditRound, type HeldResults } from './auditor.ts';
import { KeptProofs } from './kept-proofs.ts';
import { AUDIT_QUESTION_BYTES_MAX, PROOF_LIMIT_MS } from './limits.ts';
import { OwnInputs } from './own-inputs.ts';
import { ProofGiving } from './proof-giving.ts';
import { type AuditQuestion, auditQuestionSchema, encodeInput } from './protocol.ts';
import { InputQuota } from './quota.ts';
import { KnownRosters } from './rosters.ts';

export interface AuditsInit {
  readonly network: Network;
  readonly grid: ChunkGrid;
  readonly consensus: Consensus;
  readonly spoolDir: string;
  readonly disk: SpoolDisk;
  /** The results that count in that round; null where this member holds none. */
  resultsOf(rosterDigest: Hex): HeldResults | null;
  say(payload: AccusationsPayload): void;
  onFraud(fraud: Fraud): void;
}

/** What came of the audit of a round. */
export interface AuditReport extends Omit<AuditFindings, 'proofs'> {
  readonly frauds: readonly Fraud[];
}

type Send = (answer: Uint8Array | null) => Promise<void>;

/** An empty answer is one. */
const REFUSAL = new Uint8Array(0);
const NOTHING: AuditFindings = { drawn: 0, fine: 0, notAudited: 0, foreign: [], withheld: [], proofs: [] };

/** Audits of this member and of others: gives inputs and proofs, looks at results, upholds accusations. */
export class Audits {
  readonly rosters: KnownRosters;
  readonly #init: AuditsInit;
  readonly #own: OwnInputs;
  readonly #proofs: KeptProofs;
  readonly #accusations: Accusations;
  readonly #quota = new InputQuota();
  readonly #stopping = new AbortController();
  #witnesses: ReadonlySet<string> = new Set();
  readonly #gives = new ProofGiving();

  static async open(init: AuditsInit): Promise<Audits> {
    return new Audits(init, await KeptProofs.open(join(init.spoolDir, 'proofs'), init.disk));
  }

  private constructor(init: AuditsInit, proofs: KeptProofs) {
    const { network, grid, consensus, spoolDir, say, onFraud } = init;
    this.#init = init;
    this.#proofs = proofs;
    this.rosters = new KnownRosters(grid, consensus, (hotkey) => network.peerKey(hotkey));
    this.#own = new OwnInputs(network.self, spoolDir);
    this.#accusations = new Accusations({
      ...{ network, rosters: this.rosters, proofs, say, onFraud },
      maxBytes: fraudProofMaxBytes(grid),
      witnesses: () => this.#witnesses,
      signal: this.#stopping.signal,
    });
    network.handle('audit', (link, from) =>
      withLink(link, awakeLimit(PROOF_LIMIT_MS), async () => {
        const said = await new MessageReader(link, from).next(AUDIT_QUESTION_BYTES_MAX);
        const question = said && fromBytes(auditQuestionSchema, said);
        if (question) await this.#answer(question, from, (answer) => sendMessage(link, answer ?? REFUSAL));
      }),
    );
  }

  /** Proofs that were upheld here, also before this start. */
  get frauds(): readonly Fraud[] {
    return this.#proofs.all;
  }

  setWitnesses(witnesses: ReadonlySet<string>): void {
    this.#witnesses = witnesses;
  }

  /**
   * Whoever is proven to have signed a wrong result of that round is named, also where another witness found it, or this
   * one before a restart: another draw may not see it.
   * @param at.limitMs what could not be looked at by then is not audited
   */
  async audit(
    at: { readonly rosterDigest: Hex; readonly blockHash: Hex; readonly limitMs: number },
    signal: AbortSignal,
  ): Promise<AuditReport> {
    const round = this.rosters.get(at.rosterDigest);
    const results = this.#init.resultsOf(at.rosterDigest);
    const either = AbortSignal.any([signal, this.#stopping.signal]);
    const parts = { network: this.#init.network, own: this.#own };
    const looked = round && results ? await auditRound(parts, round, results, at, either) : NOTHING;
    const { proofs, ...found } = looked;
    const frauds = round ? [...(await this.#accusations.found(round, proofs))] : [];
    const isNamed = ({ accused }: Fraud) => frauds.some((fraud) => fraud.accused === accused);
    const before = this.#proofs.all.filter((fraud) => fraud.round === round?.round && !isNamed(fraud));
    return { ...found, frauds: [...frauds, ...before] };
  }

  heard(said: AccusationsPayload, accuser: Ss58): Promise<void> {
    return this.#accusations.heard(said, accuser);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#own.close();
  }

  async #answer(question: AuditQuestion, from: Ss58, send: Send): Promise<void> {
    if (question.want === 'proof') return this.#giveProof(question.digest, from, send);
    await send(await this.#inputFor(question.rosterDigest, question.chunk, from));
  }

  async #inputFor(rosterDigest: Hex, chunk: number, from: Ss58): Promise<Uint8Array | null> {
    const round = this.rosters.get(rosterDigest);
    const isWitness = this.#witnesses.has(from);
    if (!round || !(isWitness || round.members.some(({ hotkey }) => hotkey === from))) return null;
    if (!this.#quota.take(rosterDigest, from, isWitness)) return null;
    const input = await this.#own.read(round, chunk);
    return input && encodeInput(input);
  }

  async #giveProof(digest: Hex, to: Ss58, send: Send): Promise<void> {
    const isKept = this.#proofs.all.some((fraud) => fraud.digest === digest);
    if (!isKept || !this.#gives.begin(digest, to)) return send(null);
    try {
      await send(await this.#proofs.read(digest));
    } finally {
      this.#gives.end(to);
    }
  }
}
