import { withLimit } from '../../src-node/waits.ts';
import { revealOf } from '../../src-shared/chain/reveal.ts';
import { encodeWeightsPayload, TIMELOCK_VERSION } from '../../src-shared/chain/timelock.ts';
import type { WeightsState } from '../../src-shared/contract/page/runs.ts';
import { publicKeyOf } from '../../src-shared/rounds/ss58.ts';
import type { UidWeight } from '../../src-shared/scoring/weights.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Chain, Signer } from '../network/chain.ts';
import { CHAIN_READ_LIMIT_MS, COMMIT_BORDER_BLOCKS, WEIGHTS_LIMIT_MS } from './limits.ts';
import { seal } from './seal.ts';

export interface CommitOutcome {
  /** null where nothing was committed this time. */
  readonly state: WeightsState | null;
  readonly isDone: boolean;
  /** Before this block there is nothing to do; null after a refusal, which the chain's own limit may explain. */
  readonly notBefore: number | null;
}

/**
 * Commits weights that the chain opens by itself in a later epoch, once in an epoch: what the chain holds of this hotkey
 * is looked up first, so that a restart commits nothing twice (where epochs go by block numbers; elsewhere the chain's
 * own rate limit holds). A commit that does not make it into this epoch expires
 * with it; in the next one its lock would be open too early.
 * @throws {AppError} as reads and submissions of the chain, CHAIN_CALL_UNAVAILABLE where it has no beacon
 */
export async function commitWeights(
  { chain, signer, hotkey, signal }: CommitOptions,
  weights: readonly UidWeight[],
): Promise<CommitOutcome> {
  const terms = await chain.commitTerms(hotkey, withLimit(signal, CHAIN_READ_LIMIT_MS));
  const reveal = revealOf(terms.reveal);
  const { block, tempo } = terms.reveal;
  const [last] = terms.pending;
  if (last && last.block >= reveal.nextEpochBlock - (tempo + 1))
    return { state: stateAt(last.block, reveal.block), isDone: true, notBefore: reveal.nextEpochBlock };
  if (reveal.nextEpochBlock - block <= COMMIT_BORDER_BLOCKS)
    return { state: null, isDone: false, notBefore: reveal.nextEpochBlock };

  const plain = encodeWeightsPayload({
    hotkey: publicKeyOf(hotkey) ?? new Uint8Array(),
    uids: weights.map(({ uid }) => uid),
    values: weights.map(({ weight }) => weight),
    versionKey: BigInt(terms.versionKey),
  });
  const { round: revealRound } = reveal;
  const cipher = await seal({ plain, round: revealRound, publicKey: terms.publicKey }, signal);
  const fate = await chain.submit(
    { kind: 'commitWeights', cipher, revealRound, version: TIMELOCK_VERSION, mechanism: 0 },
    signer,
    withLimit(signal, WEIGHTS_LIMIT_MS),
    { lastBlock: reveal.nextEpochBlock - 1 },
  );
  if (fate.kind !== 'finalized' || !fate.effect) return { state: null, isDone: false, notBefore: null };
  return { state: stateAt(fate.block, reveal.block), isDone: true, notBefore: reveal.nextEpochBlock };
}

export interface CommitOptions {
  readonly chain: Pick<Chain, 'commitTerms' | 'submit'>;
  readonly signer: Signer;
  readonly hotkey: Ss58;
  readonly signal: AbortSignal;
}

const stateAt = (block: number, revealBlock: number): WeightsState => ({
  kind: 'committed',
  block,
  revealBlock,
});
