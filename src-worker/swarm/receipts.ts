import * as v from 'valibot';
import { verifyEd25519 } from '../../src-node/ed25519.ts';
import { withLimit } from '../../src-node/waits.ts';
import type { ReceiptProofs } from '../../src-shared/contract/swarm.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { canonicalJson } from '../../src-shared/profile/profile.ts';
import type { Receipt } from '../../src-shared/rounds/messages.ts';
import {
  isCountersigned,
  PROOF_BINDINGS_MAX,
  type ReceiptClaim,
  type ReceiptsPayload,
  receiptClaimSchema,
} from '../../src-shared/rounds/receipts.ts';
import { type Envelope, type SignEd25519, signEnvelope } from '../../src-shared/rounds/signed.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Control } from './control/control.ts';
import { readPayload } from './control/payloads.ts';
import {
  COUNTERSIGNATURES_REMEMBERED,
  MAX_CHANGES_PER_ROUND,
  RECEIPT_LIMIT_MS,
  RECEIPT_PATIENCE_MS,
  RECEIPT_TOLERANCE,
} from './limits.ts';
import { ask, serveAnswers } from './net/ask.ts';
import { fromBytes, toBytes } from './net/json.ts';
import type { Network } from './net/link.ts';
import type { Butterfly } from './reduce/butterfly.ts';
import type { Exchange } from './reduce/exchange.ts';

const CLAIM_MAX_BYTES = 1_024;
const answerSchema = v.object({ signature: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/)) });

/** What the sender said to a claim: its signature, nothing that counts, or no word in time. */
type Answer = { readonly signature: string } | 'none' | 'late';

/**
 * What moved between a pair in a round. The receiver measures the sender's chunks (results wait for others, so their
 * pace says nothing of the line), asks the sender to sign the same figures, and tells everybody. Whose line still carries
 * what is left of the round hears the question late: it is asked again, and its receipts are told behind the others'.
 */
export class Receipts {
  readonly #init: ReceiptsInit;
  readonly #writing = new Map<number, Promise<void>>();
  /** What each countersignature was found to be: everybody's are asked for several times a round. */
  readonly #checked = new Map<string, boolean>();

  constructor(init: ReceiptsInit) {
    this.#init = init;
    const limits = { maxBytes: CLAIM_MAX_BYTES, limitMs: RECEIPT_LIMIT_MS };
    serveAnswers(init.network, 'receipts', limits, async (question, from) => {
      const claim = fromBytes(receiptClaimSchema, question);
      if (!claim || claim.to !== from || !this.#isTrue(claim)) return null;
      return toBytes({ signature: this.#signed(claim).signature });
    });
  }

  /** After a round: claims for every sender whose chunks came. */
  write(round: number, signal: AbortSignal): void {
    const writing = this.#collect(round, signal).catch(() => {});
    this.#writing.set(round, writing);
    void writing.then(() => this.#writing.delete(round));
  }

  /** All receipts of a round that are known here, everybody's. */
  async of(round: number): Promise<Receipt[]> {
    await this.#writing.get(round);
    return this.#init.control
      .said('receipts', round)
      .flatMap(({ said }) =>
        said.kind === 'receipts' ? said.body.receipts.map((entry) => this.#judged(entry)) : [],
      );
  }

  /** What others can verify of the receipts that this member is a side of: as they were signed, and by whose keys. */
  proofs(round: number): ReceiptProofs {
    const { control, network } = this.#init;
    const envelopes = control.envelopes('receipts', round).filter((envelope) => {
      const said = readPayload(envelope);
      const isSide = (side: Ss58) => side === network.self;
      return (
        said?.kind === 'receipts' &&
        said.body.receipts.some(({ claim }) => isSide(claim.from) || isSide(claim.to))
      );
    });
    const signers = new Set([network.self, ...envelopes.flatMap(signersIn)]);
    const bindings = [...signers].flatMap((signer) => network.bindingOf(signer) ?? []);
    return { envelopes, bindings: bindings.slice(0, PROOF_BINDINGS_MAX) };
  }

  async #collect(round: number, signal: AbortSignal): Promise<void> {
    const exchange = this.#init.butterfly.exchangeOf(round);
    const claims = exchange ? this.#claims(exchange) : [];
    const answers = await Promise.all(claims.map((claim) => this.#askSender(claim, signal)));
    this.#tell(round, claims, answers);
    if (answers.includes('late')) void this.#askLate(round, claims, answers, signal).catch(() => {});
  }

  /** Asks those again of whom nothing came in time, and tells what they sign as often as a signer may change its word. */
  async #askLate(
    round: number,
    claims: readonly ReceiptClaim[],
    first: readonly Answer[],
    signal: AbortSignal,
  ): Promise<void> {
    const patience = withLimit(signal, RECEIPT_PATIENCE_MS);
    let answers = first;
    for (let told = 1; told < MAX_CHANGES_PER_ROUND && answers.includes('late') && !patience.aborted; ) {
      const before = answers;
      answers = await Promise.all(
        claims.map(async (claim, i) =>
          before[i] === 'late' ? this.#askSender(claim, patience) : before[i]!,
        ),
      );
      const isNew = answers.some((answer, i) => answer !== before[i] && typeof answer === 'object');
      if (!isNew || signal.aborted) continue;
      this.#tell(round, claims, answers);
      told++;
    }
  }

  #tell(round: number, claims: readonly ReceiptClaim[], answers: readonly Answer[]): void {
    const receipts = claims.map((claim, i) => {
      const answer = answers[i]!;
      return { claim, countersignature: typeof answer === 'object' ? answer.signature : null };
    });
    if (receipts.length > 0) this.#init.control.say('receipts', { round, receipts });
  }

  #claims({ plan, lines }: Exchange): ReceiptClaim[] {
    return [...lines.values()].flatMap((line) => {
      if (line.openedAtMs === null || line.lastChunkAtMs === null) return [];
      const durationMs = Math.max(0.01, line.lastChunkAtMs - line.openedAtMs);
      const from = plan.members[line.index]!.hotkey;
      const to = this.#init.network.self;
      return [{ round: plan.roster.round, from, to, bytes: line.chunkBytesReceived, durationMs }];
    });
  }

  async #askSender(claim: ReceiptClaim, signal: AbortSignal): Promise<Answer> {
    const limits = { maxBytes: CLAIM_MAX_BYTES, limitMs: RECEIPT_LIMIT_MS, signal };
    const to = { hotkey: claim.from, protocol: 'receipts' } as const;
    try {
      const answer = fromBytes(answerSchema, await ask(this.#init.network, to, toBytes(claim), limits));
      return answer && this.#isCountersigned(claim, answer.signature) ? answer : 'none';
    } catch (thrown) {
      return thrown instanceof AppError && thrown.code === 'TIMEOUT' ? 'late' : 'none';
    }
  }

  /** Whether we sent about as much as the receiver says, and it can have taken as long by our own clock. */
  #isTrue({ round, to, from, bytes, durationMs }: ReceiptClaim): boolean {
    const exchange = this.#init.butterfly.exchangeOf(round);
    const index = exchange?.plan.indexOf(to) ?? null;
    const line = index === null ? undefined : exchange?.lines.get(index);
    if (from !== this.#init.network.self || !line?.chunkBytesSent) return false;
    const isAsMuch = Math.abs(line.chunkBytesSent - bytes) <= line.chunkBytesSent * RECEIPT_TOLERANCE;
    return isAsMuch && line.sentSpan.canHaveTaken(durationMs, performance.now());
  }

  #signed(claim: ReceiptClaim): Envelope {
    const { runTag, sign, network } = this.#init;
    return signEnvelope(runTag, { kind: 'receipt', payload: claim, signer: network.self }, sign);
  }

  #judged({ claim, countersignature }: ReceiptsPayload['receipts'][number]): Receipt {
    const countersigned = countersignature !== null && this.#isCountersigned(claim, countersignature);
    return { ...claim, countersigned };
  }

  #isCountersigned(claim: ReceiptClaim, signature: string): boolean {
    const peerKey = this.#init.network.peerKey(claim.from);
    const name = `${peerKey} ${signature} ${canonicalJson(claim)}`;
    const known = this.#checked.get(name);
    if (known !== undefined || peerKey === null) return known ?? false;
    const isSigned = isCountersigned(this.#init.runTag, claim, signature, peerKey, verifyEd25519);
    if (this.#checked.size >= COUNTERSIGNATURES_REMEMBERED) this.#checked.clear();
    this.#checked.set(name, isSigned);
    return isSigned;
  }
}

export interface ReceiptsInit {
  readonly network: Network;
  readonly control: Control;
  readonly butterfly: Butterfly;
  readonly runTag: string;
  readonly sign: SignEd25519;
}

/** The receiver, and all whose countersignature stands in it. */
function signersIn(envelope: Envelope): readonly Ss58[] {
  const said = readPayload(envelope);
  const from = said?.kind === 'receipts' ? said.body.receipts.map(({ claim }) => claim.from) : [];
  return [envelope.signer, ...from];
}
