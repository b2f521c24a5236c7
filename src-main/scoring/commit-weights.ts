import { randomInt } from 'node:crypto';
import { withLimit } from '../../src-node/waits.ts';
import { weightsHash } from '../../src-shared/chain/hash-commit.ts';
import { revealOf } from '../../src-shared/chain/reveal.ts';
import { encodeWeightsPayload, TIMELOCK_VERSION } from '../../src-shared/chain/timelock.ts';
import type { WeightsState } from '../../src-shared/contract/page/runs.ts';
import { publicKeyOf } from '../../src-shared/rounds/ss58.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type {
  Chain,
  ChainCall,
  CommitTerms,
  HashTerms,
  Signer,
  TimelockTerms,
  TxFate,
} from '../network/chain.ts';
import type { HiddenCommit, HiddenWeights } from './hidden-weights.ts';
import { CHAIN_READ_LIMIT_MS, COMMIT_BORDER_BLOCKS, SALT_NUMBERS, WEIGHTS_LIMIT_MS } from './limits.ts';
import { seal } from './seal.ts';

export interface CommitOutcome {
  /** null where nothing was committed this time. */
  readonly state: WeightsState | null;
  readonly isDone: boolean;
  /** Before this block there is nothing to do; null after a refusal, which the chain's own limit may explain. */
  readonly notBefore: number | null;
  /** From this block on the chain has to be told what was committed; null where it opens that by itself. */
  readonly tellFrom: number | null;
}

export interface CommitOptions {
  readonly chain: Pick<Chain, 'commitTerms' | 'hashTerms' | 'submit' | 'netuid'>;
  readonly signer: Signer;
  readonly hotkey: Ss58;
  readonly hidden: HiddenWeights;
  readonly signal: AbortSignal;
}

/** Weights and whose they are. */
export type HeldWeight = HiddenCommit['weights'][number];

/** When an epoch ends, and what is committed in it is opened. */
interface Times {
  readonly block: number;
  readonly epochBlock: number;
  readonly nextEpochBlock: number;
  readonly revealBlock: number;
}

function timesOf(terms: CommitTerms): Times {
  if (terms.kind === 'hashed') return terms;
  const { nextEpochBlock, block: revealBlock } = revealOf(terms.reveal);
  const { block } = terms.reveal;
  return { block, epochBlock: terms.epochBlock, nextEpochBlock, revealBlock };
}

/**
 * Commits weights that nobody can read before a later epoch, once in an epoch: what the chain holds of this hotkey is
 * looked up first, so that a restart commits nothing twice (where the chain says by which index commits wait; elsewhere
 * its own rate limit holds), nor while the fate of one is not known. A commit that does not make it into this epoch
 * expires with it: in the next one its lock would be open too early.
 * @throws {AppError} as reads and submissions of the chain, CHAIN_CALL_UNAVAILABLE where it takes no commit
 */
export async function commitWeights(
  options: CommitOptions,
  weights: readonly HeldWeight[],
): Promise<CommitOutcome> {
  const { chain, signer, hotkey, hidden, signal } = options;
  const terms = await chain.commitTerms(hotkey, withLimit(signal, CHAIN_READ_LIMIT_MS));
  const { block, epochBlock, nextEpochBlock, revealBlock } = timesOf(terms);
  const tellFrom = terms.kind === 'hashed' ? revealBlock : null;
  if (terms.kind === 'hashed') await noteIncluded(hidden, terms);
  const [last] = terms.pending;
  if (last && last.block >= epochBlock)
    return { state: stateAt(last.block, revealBlock), isDone: true, notBefore: nextEpochBlock, tellFrom };
  const isOnItsWay = (one: HiddenCommit) => one.block === null && one.revealBlock === revealBlock;
  if ((await hidden.all()).some(isOnItsWay)) return { state: null, isDone: false, notBefore: null, tellFrom };
  if (nextEpochBlock - block <= COMMIT_BORDER_BLOCKS)
    return { state: null, isDone: false, notBefore: nextEpochBlock, tellFrom: null };

  const { call, secret } =
    terms.kind === 'hashed' ? hashed(options, terms, weights) : await locked(options, terms, weights);
  const { versionKey } = terms;
  const commit: HiddenCommit = {
    ...{ block: null, revealBlock, versionKey, weights: [...weights], secret, toldUntil: null },
  };
  await hidden.add(commit);
  const limit = withLimit(signal, WEIGHTS_LIMIT_MS);
  let fate: TxFate;
  try {
    fate = await chain.submit(call, signer, limit, { lastBlock: nextEpochBlock - 1 });
  } catch (thrown) {
    // It was not handed over.
    await hidden.drop(commit);
    throw thrown;
  }
  if (fate.kind === 'refused' || fate.kind === 'expired') await hidden.drop(commit);
  if (fate.kind !== 'finalized' || !fate.effect)
    return {
      state: null,
      isDone: false,
      notBefore: null,
      tellFrom: fate.kind === 'unknown' ? tellFrom : null,
    };
  await hidden.included(commit, fate.block);
  return { state: stateAt(fate.block, revealBlock), isDone: true, notBefore: nextEpochBlock, tellFrom };
}

/** A commit whose fate was not known is on the chain after all. */
export async function noteIncluded(hidden: HiddenWeights, { pending }: HashTerms): Promise<void> {
  const blocks = new Map(pending.map(({ hash, block }) => [String(hash), block]));
  for (const commit of await hidden.all()) {
    const block = commit.secret && blocks.get(commit.secret.hash);
    if (typeof block === 'number' && commit.block !== block) await hidden.included(commit, block);
  }
}

interface Made {
  readonly call: ChainCall;
  readonly secret: HiddenCommit['secret'];
}

/** Under a lock that the chain opens by itself. */
async function locked(
  { hotkey, signal }: CommitOptions,
  terms: TimelockTerms,
  weights: readonly HeldWeight[],
): Promise<Made> {
  const plain = encodeWeightsPayload({
    hotkey: publicKeyOf(hotkey) ?? new Uint8Array(),
    uids: weights.map(({ uid }) => uid),
    values: weights.map(({ weight }) => weight),
    versionKey: BigInt(terms.versionKey),
  });
  const { round: revealRound } = revealOf(terms.reveal);
  const cipher = await seal({ plain, round: revealRound, publicKey: terms.publicKey }, signal);
  const call = {
    kind: 'commitWeights',
    cipher,
    revealRound,
    version: TIMELOCK_VERSION,
    mechanism: 0,
  } as const;
  return { call, secret: null };
}

/** By their hash: they have to be told to the chain later. */
function hashed(
  { chain, hotkey }: CommitOptions,
  { versionKey }: HashTerms,
  weights: readonly HeldWeight[],
): Made {
  const salt = Array.from({ length: SALT_NUMBERS }, () => randomInt(65_536));
  const hash = weightsHash({
    hotkey: publicKeyOf(hotkey) ?? new Uint8Array(),
    ...{ netuid: chain.netuid, mechanism: 0, salt, versionKey: BigInt(versionKey) },
    uids: weights.map(({ uid }) => uid),
    values: weights.map(({ weight }) => weight),
  });
  return { call: { kind: 'commitWeightsHash', hash, mechanism: 0 }, secret: { hash, salt } };
}

const stateAt = (block: number, revealBlock: number): WeightsState => ({
  kind: 'committed',
  block,
  revealBlock,
});
