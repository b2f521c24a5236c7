import { withLimit } from '../../src-node/waits.ts';
import type { WeightsState } from '../../src-shared/contract/page/runs.ts';
import { type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import type { HashTerms, TxFate } from '../network/chain.ts';
import { type CommitOptions, noteIncluded } from './commit-weights.ts';
import type { HiddenCommit, HiddenWeights } from './hidden-weights.ts';
import { CHAIN_READ_LIMIT_MS, WEIGHTS_LIMIT_MS } from './limits.ts';

export interface TellOutcome {
  /** null where nothing was told this time. */
  readonly state: WeightsState | null;
  /** Before this block there is nothing to tell. */
  readonly notBefore: number;
}

const NOTHING: TellOutcome = { state: null, notBefore: Number.POSITIVE_INFINITY };

/** What the chain says of a hash that it does not hold: with no other there, and with others. */
const IS_NOT_THERE: ReadonlySet<string> = new Set([
  'NoWeightsCommitFound',
  'InvalidRevealCommitHashNotMatch',
]);

interface Known extends HiddenCommit {
  readonly secret: NonNullable<HiddenCommit['secret']>;
}

/**
 * Tells the chain the weights whose hash it holds, in the epoch in which it takes them: one block too late they are
 * lost. Looked up on the chain, so that a restart tells what an earlier start committed.
 * @throws {AppError} as reads and submissions of the chain
 */
export async function tellWeights(options: TellOptions): Promise<TellOutcome> {
  const { hidden } = options;
  if ((await secretsOf(hidden)).length === 0) return NOTHING;
  const terms = await termsOf(options);
  if (!terms) {
    for (const lost of await secretsOf(hidden))
      await giveUp(options, lost, lost.block, 'CHAIN_CALL_UNAVAILABLE');
    return NOTHING;
  }
  await noteIncluded(hidden, terms);
  const mine = await secretsOf(hidden);
  const waiting = terms.pending.flatMap((pending) => {
    const commit = mine.find(({ secret }) => secret.hash === pending.hash);
    return commit ? [{ pending, commit }] : [];
  });
  const ready = waiting
    .filter(({ pending }) => pending.fromBlock <= terms.block + 1 && terms.block < pending.toBlock)
    .toSorted((a, b) => a.pending.block - b.pending.block);
  // Before anything that may fail is sent: what is over must not pile up.
  for (const gone of mine.filter((one) => !waiting.some(({ commit }) => commit === one)))
    await judgeGone(options, gone, terms);
  let state: WeightsState | null = null;
  for (const each of ready) state = (await tell(options, each)) ?? state;
  const left = await secretsOf(hidden);
  return { state, notBefore: left.length > 0 ? nextOf(left, terms) : Number.POSITIVE_INFINITY };
}

/** null where the runtime has changed since, and takes none any more. */
async function termsOf({ chain, hotkey, signal }: CommitOptions): Promise<HashTerms | null> {
  const limit = withLimit(signal, CHAIN_READ_LIMIT_MS);
  try {
    const terms = await chain.commitTerms(hotkey, limit);
    // Under a lock by now; those by their hash of before are still waited for.
    return terms.kind === 'hashed' ? terms : await chain.hashTerms(hotkey, limit);
  } catch (thrown) {
    if (toCodedError(thrown).code === 'CHAIN_CALL_UNAVAILABLE') return null;
    throw thrown;
  }
}

const secretsOf = async (hidden: HiddenWeights): Promise<readonly Known[]> =>
  (await hidden.all()).filter((commit): commit is Known => commit.secret !== null);

/** One that the chain does not wait for: told already, not there yet, or over. */
async function judgeGone(options: TellOptions, gone: Known, terms: HashTerms): Promise<void> {
  const { block, epochBlock, nextEpochBlock } = terms;
  const { toldUntil, revealBlock } = gone;
  // Before its time is over nothing but its telling takes it away.
  if (toldUntil !== null && block <= toldUntil) await options.hidden.drop(gone);
  else if (revealBlock + nextEpochBlock - epochBlock <= block)
    await giveUp(options, gone, gone.block, 'ExpiredWeightCommit');
}

interface Waiting {
  readonly pending: HashTerms['pending'][number];
  readonly commit: Known;
}

/** When there is more to tell. What was not taken is tried again, and what may still be included is looked for. */
function nextOf(left: readonly HiddenCommit[], { block, pending }: HashTerms): number {
  const opens = ({ secret, revealBlock }: HiddenCommit) =>
    pending.find(({ hash }) => hash === secret?.hash)?.fromBlock ?? revealBlock;
  const first = Math.min(...left.map(opens));
  return Math.max(first - 1, block + 1);
}

type TellOptions = CommitOptions & { problem(error: CodedError): void };

/** @param block of the commit; null where it may never have been included, and nothing is lost */
async function giveUp(
  { hidden, problem }: TellOptions,
  commit: Known,
  block: number | null,
  error: string,
): Promise<void> {
  await hidden.drop(commit);
  if (block !== null) problem({ code: 'HIDDEN_WEIGHTS_LOST', params: { block, error } });
}

async function tell(options: TellOptions, { pending, commit }: Waiting): Promise<WeightsState | null> {
  const { chain, signer, hidden, signal } = options;
  const { salt } = commit.secret;
  const weights = commit.weights.map(({ uid, weight }) => ({ uid, weight }));
  const { versionKey, toldUntil } = commit;
  const call = { kind: 'revealWeights', weights, salt, versionKey, mechanism: 0 } as const;
  const limit = withLimit(signal, WEIGHTS_LIMIT_MS);
  await hidden.telling(commit, pending.toBlock);
  let fate: TxFate;
  try {
    fate = await chain.submit(call, signer, limit, { lastBlock: pending.toBlock });
  } catch (thrown) {
    // It was not handed over.
    await hidden.telling(commit, toldUntil);
    throw thrown;
  }
  if (fate.kind === 'unknown') return null;
  if (fate.kind === 'finalized' && fate.effect) {
    await hidden.drop(commit);
    return { kind: 'set', block: fate.block };
  }
  await hidden.telling(commit, toldUntil);
  // Told already, by one of ours that nobody knew the fate of.
  if (fate.kind === 'refused' && toldUntil !== null && IS_NOT_THERE.has(fate.error)) {
    await hidden.drop(commit);
    return null;
  }
  // A node may refuse what a block would take; what the chain itself has refused it will refuse again.
  if (fate.kind === 'refused' && fate.module === 'SubtensorModule' && fate.error !== 'RevealTooEarly')
    await giveUp(options, commit, pending.block, fate.error);
  return null;
}
