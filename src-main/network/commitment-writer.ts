import { turns } from '../../src-node/turns.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import { encodeRecord, parseRecord } from '../../src-shared/rounds/record.ts';
import type { Chain, Signer, TxFate } from './chain.ts';
import type { ConnectedChain } from './client.ts';
import { commitmentFile, type SentCommitment } from './commitment-file.ts';
import { COMMITMENT_BYTES_MIN, DECISIONS_KEPT } from './limits.ts';

/**
 * The one writer of a hotkey's commitment slot. The slot is overwritten whole, so identity and record are composed
 * here and writes go one after another. What is about to be sent is on disk and synced before it is sent; after a
 * crash the writer sends what the file says, or nothing, and a decision once written down is never written otherwise.
 */
export interface CommitmentWriter {
  /** What was last sent or is being sent; null before the first write. */
  readonly sent: SentCommitment | null;
  /**
   * Sends what an earlier process wrote down and did not see settled, if it may still be included.
   * @returns null when there was nothing to send
   */
  resume(signal: AbortSignal): Promise<TxFate | null>;
  /**
   * Makes sure that the slot holds this identity field. Beside it goes a record without result, never the old one: it
   * would be read as a vote that came too late. While the round of the record in the slot has no final outcome, nothing
   * is written: the identity then goes out with the next record, or when this is asked again.
   * @param fresh the record to write instead: the current base as parent and no result. Without one the old record
   * names as parent the base that it stood for
   * @returns null when nothing was sent
   */
  ensureIdentity(field: Uint8Array, signal: AbortSignal, fresh?: Uint8Array): Promise<TxFate | null>;
  /**
   * Writes a record beside the identity.
   * @param write.decision what the record decides ("result of round 7"): the same name never gets another record
   * @param write.lastBlock last block in which it may be included
   * @returns null when the slot holds it already: sent again, it would only spend the epoch's space
   * @throws {AppError} COMMITMENT_CONTRADICTS, COMMITMENT_SPACE_SPENT, COMMITMENT_WITHOUT_IDENTITY, CHAIN_TOO_LATE
   */
  writeRecord(write: RecordWrite, signal: AbortSignal): Promise<TxFate | null>;
}

export interface RecordWrite {
  readonly decision: string;
  readonly field: Uint8Array;
  readonly lastBlock: number | null;
}

type WriterChain = Pick<Chain, 'netuid' | 'head' | 'finalized' | 'submit' | 'commitments'> &
  Pick<ConnectedChain, 'commitmentSpace'>;

export interface WriterOptions {
  readonly chain: WriterChain;
  readonly signer: Signer;
  /** One file per hotkey. */
  readonly path: string;
  /** The file was damaged and came back from its second copy. */
  told(error: CodedError): void;
}

const toHex = (field: Uint8Array): string => Buffer.from(field).toString('hex');
const fromHex = (field: string): Uint8Array => new Uint8Array(Buffer.from(field, 'hex'));
const fieldsOf = ({ identity, record }: Pick<SentCommitment, 'identity' | 'record'>): readonly string[] =>
  record === null ? [identity] : [identity, record];

interface Slot {
  /** The chain's own note of the block that wrote it. */
  readonly block: number;
  readonly fields: readonly string[];
}

/**
 * What an old record may still say after its outcome block. If it counted, it named its result as base, and goes on
 * doing so as parent: with the old parent the votes for the base would fall, and the run with them by a round.
 */
function withoutResult({ record: field, lastBlock }: SentCommitment, slot: Slot): string | null {
  const record = field === null ? null : parseRecord(fromHex(field));
  if (!field || !record) return null;
  const counted = lastBlock !== null && slot.block <= lastBlock && slot.fields.includes(field);
  const parentId = counted ? (record.resultId ?? record.parentId) : record.parentId;
  return toHex(encodeRecord({ ...record, parentId, resultId: null }));
}

/** Without a file of ours the slot's own record stays: who has forgotten what it said must not unsay it. */
const recordOf = ({ fields }: Slot): string | null =>
  fields.find((field) => parseRecord(fromHex(field)) !== null) ?? null;

/** @throws {AppError} COMMITMENT_FILE_CORRUPT */
export async function openCommitmentWriter({
  chain,
  signer,
  path,
  told,
}: WriterOptions): Promise<CommitmentWriter> {
  const file = commitmentFile(path, told);
  let sent = await file.read();
  /** An identity that waits for a record to go out with. */
  let waiting: string | null = null;
  const inTurn = turns();

  async function keep(next: SentCommitment): Promise<void> {
    await file.write(next);
    sent = next;
  }

  async function send(next: SentCommitment, signal: AbortSignal): Promise<TxFate> {
    await checkSpace(chain, signer, fieldsOf(next), signal);
    await keep({ ...next, settled: false });
    if (next.identity === waiting) waiting = null;
    const fate = await chain.submit(
      { kind: 'setCommitment', fields: fieldsOf(next).map(fromHex) },
      signer,
      signal,
      next.lastBlock === null ? {} : { lastBlock: next.lastBlock },
    );
    if (fate.kind !== 'unknown') await keep({ ...next, settled: true });
    return fate;
  }

  async function slot(signal: AbortSignal): Promise<Slot> {
    const found = (await chain.commitments([signer.address], null, signal)).get(signer.address);
    return { block: found?.block ?? 0, fields: (found?.fields ?? []).map(toHex) };
  }
  const slotHolds = async (fields: readonly string[], signal: AbortSignal) =>
    (await slot(signal)).fields.join() === fields.join();

  return {
    get sent() {
      return sent;
    },

    resume: (signal) =>
      inTurn(async () => {
        if (!sent || sent.settled) return null;
        const late = sent.lastBlock !== null && (chain.head?.number ?? 0) >= sent.lastBlock;
        if (late || (await slotHolds(fieldsOf(sent), signal))) {
          await keep({ ...sent, settled: true });
          return null;
        }
        return send(sent, signal);
      }),

    ensureIdentity: (field, signal, fresh) =>
      inTurn(async () => {
        const identity = toHex(field);
        const now = await slot(signal);
        if (sent?.identity === identity && now.fields.includes(identity)) return null;
        if (sent?.record && sent.lastBlock !== null && (chain.finalized?.number ?? 0) < sent.lastBlock) {
          waiting = identity;
          return null;
        }
        const record = fresh ? toHex(fresh) : sent ? withoutResult(sent, now) : recordOf(now);
        const decisions = sent?.decisions ?? [];
        return send({ identity, record, lastBlock: null, settled: false, decisions }, signal);
      }),

    writeRecord: ({ decision, field, lastBlock }, signal) =>
      inTurn(async () => {
        if (!sent) throw new AppError('COMMITMENT_WITHOUT_IDENTITY');
        // Looked at before anything is written down: a late record would stand in the file and never on chain.
        const head = chain.head?.number ?? 0;
        if (lastBlock !== null && head >= lastBlock)
          throw new AppError('CHAIN_TOO_LATE', { lastBlock, head });
        const record = toHex(field);
        const earlier = sent.decisions.find(({ name }) => name === decision);
        if (earlier && earlier.record !== record) throw new AppError('COMMITMENT_CONTRADICTS', { decision });
        if (earlier && (await slotHolds(fieldsOf({ identity: waiting ?? sent.identity, record }), signal)))
          return null;
        const others = sent.decisions.filter(({ name }) => name !== decision);
        const decisions = [...others, { name: decision, record }].slice(-DECISIONS_KEPT);
        const identity = waiting ?? sent.identity;
        return send({ identity, record, lastBlock, settled: false, decisions }, signal);
      }),
  };
}

/**
 * The allowance is checked before anything is decided: a refused write would leave a decision on disk that nobody saw.
 * The chain counts epochs by block number here, whatever rule its emission follows.
 */
async function checkSpace(
  chain: WriterChain,
  signer: Signer,
  fields: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const { maxBytes, used, tempo } = await chain.commitmentSpace(signer.address, signal);
  const epoch = Math.floor(((chain.head?.number ?? 0) + 1 + chain.netuid + 1) / (tempo + 1));
  const usedBytes = used?.epoch === epoch ? used.bytes : 0;
  // One byte of kind for each field and one for their number: runtimes differ in whether these count.
  const bytes = fields.reduce((sum, field) => sum + 1 + field.length / 2, 1);
  if (usedBytes + Math.max(bytes, COMMITMENT_BYTES_MIN) > maxBytes)
    throw new AppError('COMMITMENT_SPACE_SPENT', { usedBytes, maxBytes });
}
