import { blake2b } from '@noble/hashes/blake2.js';
import { epochIndex } from '../../economy/clock.ts';
import { concat, fromHex, toHex } from '../../scale/hex.ts';
import { Failure } from '../failure.ts';
import type { Context, Value } from '../pallet.ts';
import type { Store } from '../store.ts';
import { described, type HashCommit } from './described.ts';
import { fail } from './failures.ts';
import { subnets } from './storage.ts';
import { castWeights, checkMechanism, isTooSoon, setWeights } from './weights.ts';

/** Commits of one hotkey that may wait. */
const MAX_UNREVEALED = 10;
/** Under which number the chain keeps what belongs to one mechanism of a subnet. */
const storageIndex = (netuid: number, mecid: number): number => netuid + 4_096 * mecid;

interface Place {
  readonly netuid: number;
  /** The first mechanism, where the call names none. */
  readonly mecid?: number;
}

const epochOf = (store: Store, netuid: number, block: number): number =>
  epochIndex(block, netuid, store.get(subnets.Tempo, netuid));

/** How many epochs a commit still has to wait; 0 in the one in which it may be revealed, less once it has expired. */
function epochsLeft(
  { store, block }: Pick<Context, 'store' | 'block'>,
  netuid: number,
  committed: bigint,
): number {
  const opens =
    epochOf(store, netuid, Number(committed)) + Number(store.get(subnets.RevealPeriodEpochs, netuid));
  return opens - epochOf(store, netuid, block);
}

/** A hotkey's commits that may still be revealed, and the hashes of those that were not in time. */
function waiting(context: Context, netuid: number, index: number, hotkey: string) {
  const all = context.store.get(described.WeightCommits, index, hotkey) ?? [];
  const first = all.findIndex(([, at]) => epochsLeft(context, netuid, at) >= 0);
  const kept = first < 0 ? [] : all.slice(first);
  const expired = all.slice(0, all.length - kept.length).map(([hash]) => hash);
  return { kept, expired };
}

/** Weights of which the chain is told a hash alone; who sent it says them itself, `RevealPeriodEpochs` later. */
export function commitHash(context: Context, hotkey: string, args: Place & { commit_hash: string }): void {
  const { store, block, emit } = context;
  const { netuid, mecid = 0, commit_hash: hash } = args;
  checkMechanism(store, netuid, mecid);
  if (!store.get(subnets.CommitRevealWeightsEnabled, netuid)) throw fail('CommitRevealDisabled');
  const uid = store.get(subnets.Uids, netuid, hotkey);
  if (uid === null) throw fail('HotKeyNotRegisteredInSubNet');
  if (isTooSoon(store, netuid, uid, block)) throw fail('CommittingWeightsTooFast');
  const index = storageIndex(netuid, mecid);
  const { kept } = waiting(context, netuid, index, hotkey);
  if (kept.length >= MAX_UNREVEALED) throw fail('TooManyUnrevealedCommits');
  const [from, to] = revealBlocks(store, netuid, block);
  const commits: HashCommit[] = [...kept, [hash, BigInt(block), from, to]];
  store.put(described.WeightCommits, commits, index, hotkey);
  emit('SubtensorModule', 'WeightsCommitted', [hotkey, index, hash]);
  store.change(subnets.LastUpdate, (at) => at.with(uid, BigInt(block)), netuid);
}

/** First and last block of the epoch in which a commit of this block may be revealed. */
function revealBlocks(store: Store, netuid: number, block: number): readonly [bigint, bigint] {
  const tempo = BigInt(store.get(subnets.Tempo, netuid));
  const epoch = BigInt(epochOf(store, netuid, block)) + store.get(subnets.RevealPeriodEpochs, netuid);
  const first = epoch * (tempo + 1n) - BigInt(netuid + 1);
  return [first, first + tempo];
}

interface Revealed {
  readonly uids: readonly number[];
  readonly values: readonly number[];
  readonly salt: readonly number[];
  readonly version_key: bigint;
}

/** What was committed: BLAKE2b-256 of hotkey, subnet and mechanism, uids, values, salt and key of weights, encoded. */
function hashOf({ encode }: Context, hotkey: string, index: number, revealed: Revealed): string {
  const { uids, values, salt, version_key } = revealed;
  const lists = [uids, values, salt].map((list) => encode('Vec<u16>', list));
  const whole = concat(fromHex(hotkey), encode('u16', index), ...lists, encode('u64', version_key));
  return toHex(blake2b(whole, { dkLen: 32 }));
}

/** Says weights whose hash was committed; those before it that were never revealed are dropped. */
export function revealHash(context: Context, hotkey: string, args: Place & Revealed): void {
  const { netuid, mecid = 0 } = args;
  checkMechanism(context.store, netuid, mecid);
  if (!context.store.get(subnets.CommitRevealWeightsEnabled, netuid)) throw fail('CommitRevealDisabled');
  const index = storageIndex(netuid, mecid);
  if (!context.store.has(described.WeightCommits, index, hotkey)) throw fail('NoWeightsCommitFound');
  const { kept, expired } = waiting(context, netuid, index, hotkey);
  const hash = hashOf(context, hotkey, index, args);
  const at = kept.findIndex(([known]) => known === hash);
  if (at < 0 && expired.includes(hash)) throw fail('ExpiredWeightCommit');
  if (at < 0) throw fail(kept.length === 0 ? 'NoWeightsCommitFound' : 'InvalidRevealCommitHashNotMatch');
  if (epochsLeft(context, netuid, kept[at]?.[1] ?? 0n) > 0) throw fail('RevealTooEarly');
  keep(context.store, index, hotkey, kept.slice(at + 1));
  cast(context, hotkey, netuid, args);
  context.emit('SubtensorModule', 'WeightsRevealed', [hotkey, index, hash]);
}

function keep(store: Store, index: number, hotkey: string, commits: readonly HashCommit[]): void {
  if (commits.length > 0) store.put(described.WeightCommits, commits, index, hotkey);
  else store.remove(described.WeightCommits, index, hotkey);
}

const cast = (context: Context, hotkey: string, netuid: number, revealed: Revealed): void =>
  castWeights(context, hotkey, {
    netuid,
    dests: revealed.uids,
    weights: revealed.values,
    version_key: revealed.version_key,
  });

/** Several of one subnet at once, or none of them. */
export function revealHashes(context: Context, hotkey: string, args: Value): void {
  const { netuid, uids_list, values_list, salts_list, version_keys } = args;
  const lengths = new Set([uids_list, values_list, salts_list, version_keys].map((list) => list.length));
  if (lengths.size > 1) throw fail('InputLengthsUnequal');
  if (!context.store.get(subnets.CommitRevealWeightsEnabled, netuid)) throw fail('CommitRevealDisabled');
  if (!context.store.has(described.WeightCommits, netuid, hotkey)) throw fail('NoWeightsCommitFound');
  const { kept, expired } = waiting(context, netuid, netuid, hotkey);
  const reveals = (uids_list as number[][]).map((uids, i) => {
    const revealed = { uids, values: values_list[i], salt: salts_list[i], version_key: version_keys[i] };
    return { revealed, hash: hashOf(context, hotkey, netuid, revealed) };
  });
  for (const { hash } of reveals) {
    const commit = kept.find(([known]) => known === hash);
    if (!commit)
      throw fail(expired.includes(hash) ? 'ExpiredWeightCommit' : 'InvalidRevealCommitHashNotMatch');
    if (epochsLeft(context, netuid, commit[1]) > 0) throw fail('RevealTooEarly');
  }
  const hashes = reveals.map(({ hash }) => hash);
  if (new Set(hashes).size < hashes.length) throw fail('InvalidRevealCommitHashNotMatch');
  for (const { revealed } of reveals) cast(context, hotkey, netuid, revealed);
  keep(
    context.store,
    netuid,
    hotkey,
    kept.filter(([hash]) => !hashes.includes(hash)),
  );
  context.emit('SubtensorModule', 'WeightsBatchRevealed', [hotkey, netuid, hashes]);
}

/** One call for many subnets: each stands for itself, and those that fail are told by events. */
function each(context: Context, hotkey: string, netuids: readonly number[], step: (i: number) => void): void {
  let isWhole = true;
  for (const i of netuids.keys()) {
    try {
      context.nested(() => step(i));
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      isWhole = false;
      context.emit('SubtensorModule', 'BatchWeightItemFailed', context.describe(thrown));
    }
  }
  if (isWhole) context.emit('SubtensorModule', 'BatchWeightsCompleted', [netuids, hotkey]);
  else context.emit('SubtensorModule', 'BatchCompletedWithErrors');
}

export function commitHashes(context: Context, hotkey: string, { netuids, commit_hashes }: Value): void {
  if (netuids.length !== commit_hashes.length) throw fail('InputLengthsUnequal');
  each(context, hotkey, netuids, (i) =>
    commitHash(context, hotkey, { netuid: netuids[i], commit_hash: commit_hashes[i] }),
  );
}

export function setWeightsOfMany(context: Context, hotkey: string, args: Value): void {
  const { netuids, weights, version_keys } = args;
  if (netuids.length !== weights.length || netuids.length !== version_keys.length)
    throw fail('InputLengthsUnequal');
  each(context, hotkey, netuids, (i) => {
    const pairs: readonly (readonly [number, number])[] = weights[i];
    setWeights(context, hotkey, {
      netuid: netuids[i],
      dests: pairs.map(([uid]) => uid),
      weights: pairs.map(([, weight]) => weight),
      version_key: version_keys[i],
    });
  });
}

/** Block of a hotkey's oldest commit that has not expired; null where none waits. */
export function oldestHashCommit(
  context: Pick<Context, 'store' | 'block'>,
  netuid: number,
  hotkey: string,
): number | null {
  const commits = context.store.get(described.WeightCommits, netuid, hotkey) ?? [];
  const found = commits.find(([, at]) => epochsLeft(context, netuid, at) >= 0);
  return found ? Number(found[1]) : null;
}
