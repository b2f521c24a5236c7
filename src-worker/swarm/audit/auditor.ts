import { inSlices } from '../../../src-node/portions.ts';
import { sha256, sha256Hex } from '../../../src-node/sha256.ts';
import { withLimit } from '../../../src-node/waits.ts';
import { auditedChunks } from '../../../src-shared/audit/draw.ts';
import type { FraudProof } from '../../../src-shared/audit/fraud-proof.ts';
import { AUDIT_CHUNKS } from '../../../src-shared/audit/limits.ts';
import { type AuditVerdict, auditInPortions } from '../../../src-shared/audit/verdict.ts';
import { membersOf } from '../../../src-shared/reduce/bitmap.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import type { Network } from '../net/link.ts';
import type { SignedResult } from '../reduce/frames.ts';
import { InputAsker } from './ask-inputs.ts';
import { CHUNKS_AT_ONCE } from './limits.ts';
import type { OwnInputs } from './own-inputs.ts';
import type { KnownRound } from './rosters.ts';

/** The results of a round that this member holds and has checked: signature, contributors, divisor, values. */
export interface HeldResults {
  has(chunk: number): boolean;
  read(chunk: number): Promise<SignedResult | null>;
}

/** What an audit came to. */
export interface AuditFindings {
  readonly drawn: number;
  readonly fine: number;
  readonly notAudited: number;
  /** Who gave something else than it had committed to; known here, and no proof. */
  readonly foreign: readonly Ss58[];
  /**
   * Who signed a drawn result and did not give what it had itself put into it: no proof, and what a liar would do. Who
   * only was not reached by the end of the audit is not among them.
   */
  readonly withheld: readonly Ss58[];
  /** One of each reducer that lied. */
  readonly proofs: readonly FraudProof[];
}

/** Looks at the drawn chunks of a round, as many as time allows: what is not reached is not audited. */
export async function auditRound(
  parts: { readonly network: Network; readonly own: OwnInputs },
  round: KnownRound,
  results: HeldResults,
  at: { readonly blockHash: Hex; readonly limitMs: number },
  stop: AbortSignal,
): Promise<AuditFindings> {
  const { network, own } = parts;
  const signal = withLimit(stop, at.limitMs);
  const asker = new InputAsker(network, (of, chunk) => own.read(of, chunk));
  const candidates = Array.from({ length: round.grid.chunks }, (_, chunk) => chunk).filter((chunk) =>
    results.has(chunk),
  );
  const seed = { blockHash: at.blockHash, rosterDigest: round.rosterDigest, auditor: network.self };
  const drawn = auditedChunks(seed, candidates, AUDIT_CHUNKS, sha256);
  const left = drawn.values();
  const looked: Looked[] = [];
  async function look(): Promise<void> {
    for (const chunk of left) {
      if (signal.aborted) return;
      const one = await auditOne(round, chunk, results, asker, { signal, stop }).catch(() => null);
      if (one) looked.push(one);
    }
  }
  await Promise.all(Array.from({ length: CHUNKS_AT_ONCE }, look));
  return findingsOf(round, drawn.length, looked);
}

/** A drawn chunk that was looked at. */
interface Looked {
  readonly verdict: AuditVerdict;
  readonly signer: number;
  /** Before its end, so that who gave nothing had the time to. */
  readonly isInTime: boolean;
}

async function auditOne(
  round: KnownRound,
  chunk: number,
  results: HeldResults,
  asker: InputAsker,
  { signal, stop }: { readonly signal: AbortSignal; readonly stop: AbortSignal },
): Promise<Looked | null> {
  const held = await results.read(chunk);
  if (!held) return null;
  const { values, ...said } = held;
  const inputs = await asker.of(round, chunk, membersOf(said.contributors), signal);
  const isInTime = !signal.aborted;
  const leaf = { ...said, digest: sha256Hex(values) };
  const verdict = await inSlices(auditInPortions(round, chunk, leaf, inputs, sha256), stop);
  return { verdict, signer: said.signer, isInTime };
}

function findingsOf(round: KnownRound, drawn: number, looked: readonly Looked[]): AuditFindings {
  const verdicts = looked.map(({ verdict }) => verdict);
  const fine = verdicts.filter(({ kind }) => kind === 'fine').length;
  const proofs = new Map<number, FraudProof>();
  const foreign = new Set<Ss58>();
  for (const verdict of verdicts) {
    if (verdict.kind === 'wrong') proofs.set(verdict.proof.result.signer, verdict.proof);
    if (verdict.kind === 'not-audited')
      for (const index of verdict.foreign) foreign.add(round.members[index]!.hotkey);
  }
  const wrong = verdicts.filter(({ kind }) => kind === 'wrong').length;
  return {
    ...{ drawn, fine, notAudited: drawn - fine - wrong },
    ...{ foreign: [...foreign], withheld: withheldBy(round, looked), proofs: [...proofs.values()] },
  };
}

function withheldBy({ members }: KnownRound, looked: readonly Looked[]): readonly Ss58[] {
  const signers = looked.flatMap(({ verdict, signer, isInTime }) => {
    if (verdict.kind !== 'not-audited') return [];
    const isWithheld = verdict.foreign.includes(signer) || (isInTime && verdict.missing.includes(signer));
    return isWithheld ? [members[signer]!.hotkey] : [];
  });
  return [...new Set(signers)];
}
