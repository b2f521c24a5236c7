import { blake2b } from '@noble/hashes/blake2.js';
import { epochIndex } from '../../economy/clock.ts';
import { concat, fromHex, toHex } from '../../scale/hex.ts';
import { Failure } from '../failure.ts';
import type { Context, Value } from '../pallet.ts';
import type { Store } from '../store.ts';
import { described, type HashCommit } from './described.ts';
import { type Clocked, epochIndexAt } from './epoch-clock.ts';
import { fail } from './failures.ts';
import { checkMechanism, mechanismIndex, netuidOfIndex } from './mechanisms.ts';
import { subnets } from './storage.ts';
import { castWeights, isTooSoon, setWeights, type Voted } from './weights.ts';

/** Commits of one hotkey that may wait. */
const MAX_UNREVEALED = 10;

/** When something was committed: where epochs go by the state, an index says it, and the block stands behind it. */
const blockOf = ({ release }: Clocked, [, first, second]: HashCommit): bigint =>
  release.dynamicTempo ? second : first;

function epochOf(clocked: Clocked, netuid: number, [, first]: HashCommit): bigint {
  if (clocked.release.dynamicTempo) return first;
  return BigInt(epochIndex(Number(first), netuid, clocked.store.get(subnets.Tempo, netuid)));
}

/** How many epochs a commit still has to wait; 0 in the one in which it may be revealed, less once it has expired. */
function epochsLeft(clocked: Clocked, netuid: number, commit: HashCommit): bigint {
  const opens = epochOf(clocked, netuid, commit) + clocked.store.get(subnets.RevealPeriodEpochs, netuid);
  return opens - epochIndexAt(clocked, netuid);
}

/** A hotkey's commits that may still be revealed, and the hashes of those that were not in time. */
function waiting(context: Context, netuid: number, index: number, hotkey: string) {
  const all = context.store.get(described.WeightCommits, index, hotkey) ?? [];
  const first = all.findIndex((commit) => epochsLeft(context, netuid, commit) >= 0n);
  const kept = first < 0 ? [] : all.slice(first);
  const expired = all.slice(0, all.length - kept.length).map(([hash]) => hash);
  return { kept, expired };
}

/** Weights of which the chain is told a hash alone; who sent it says them itself, `RevealPeriodEpochs` later. */
export function commitHash(context: Context, hotkey: string, args: Voted & { commit_hash: string }): void {
  const { store, block, emit } = context;
  const { netuid, mecid = 0, commit_hash: hash } = args;
  checkMechanism(store, netuid, mecid);
  if (!store.get(subnets.CommitRevealWeightsEnabled, netuid)) throw fail('CommitRevealDisabled');
  const uid = store.get(subnets.Uids, netuid, hotkey);
  if (uid === null) throw fail('HotKeyNotRegisteredInSubNet');
  if (isTooSoon(store, args, uid, block)) throw fail('CommittingWeightsTooFast');
  const index = mechanismIndex(netuid, mecid);
  const { kept } = waiting(context, netuid, index, hotkey);
  if (kept.length >= MAX_UNREVEALED) throw fail('TooManyUnrevealedCommits');
  store.put(described.WeightCommits, [...kept, commitOf(context, netuid, hash)], index, hotkey);
  emit('SubtensorModule', 'WeightsCommitted', [hotkey, index, hash]);
  store.change(subnets.LastUpdate, (at) => at.with(uid, BigInt(block)), index);
}

/** By block number the block, and the first and last one in which it may be revealed; by the state index and block. */
function commitOf(context: Context, netuid: number, hash: string): HashCommit {
  const { store, release } = context;
  const [epoch, block] = [epochIndexAt(context, netuid), BigInt(context.block)];
  if (release.dynamicTempo) return [hash, epoch, block, 0n];
  const tempo = BigInt(store.get(subnets.Tempo, netuid));
  const first = (epoch + store.get(subnets.RevealPeriodEpochs, netuid)) * (tempo + 1n) - BigInt(netuid + 1);
  return [hash, block, first, first + tempo];
}

/** From commits that know their block to commits that know their epoch. Formula: Subtensor's `dynamic_tempo_v1`. */
export function seedCommits({ store }: Context): void {
  for (const [index, hotkey] of store.keys(described.WeightCommits)) {
    const netuid = netuidOfIndex(index);
    const tempo = store.get(subnets.Tempo, netuid);
    const commits = store.get(described.WeightCommits, index, hotkey) ?? [];
    const seeded = commits.map(
      ([hash, block]): HashCommit => [hash, BigInt(epochIndex(Number(block), netuid, tempo)), block, 0n],
    );
    store.put(described.WeightCommits, seeded, index, hotkey);
  }
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
export function revealHash(context: Context, hotkey: string, args: Voted & Revealed): void {
  const { netuid, mecid = 0 } = args;
  checkMechanism(context.store, netuid, mecid);
  if (!context.store.get(subnets.CommitRevealWeightsEnabled, netuid)) throw fail('CommitRevealDisabled');
  const index = mechanismIndex(netuid, mecid);
  if (!context.store.has(described.WeightCommits, index, hotkey)) throw fail('NoWeightsCommitFound');
  const { kept, expired } = waiting(context, netuid, index, hotkey);
  const hash = hashOf(context, hotkey, index, args);
  const at = kept.findIndex(([known]) => known === hash);
  if (at < 0 && expired.includes(hash)) throw fail('ExpiredWeightCommit');
  if (at < 0) throw fail(kept.length === 0 ? 'NoWeightsCommitFound' : 'InvalidRevealCommitHashNotMatch');
  const commit = kept[at];
  if (commit && epochsLeft(context, netuid, commit) > 0n) throw fail('RevealTooEarly');
  keep(context.store, index, hotkey, kept.slice(at + 1));
  cast(context, hotkey, { netuid, mecid }, args);
  context.emit('SubtensorModule', 'WeightsRevealed', [hotkey, index, hash]);
}

function keep(store: Store, index: number, hotkey: string, commits: readonly HashCommit[]): void {
  if (commits.length > 0) store.put(described.WeightCommits, commits, index, hotkey);
  else store.remove(described.WeightCommits, index, hotkey);
}

const cast = (context: Context, hotkey: string, voted: Voted, revealed: Revealed): void =>
  castWeights(context, hotkey, {
    ...voted,
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
    if (epochsLeft(context, netuid, commit) > 0n) throw fail('RevealTooEarly');
  }
  const hashes = reveals.map(({ hash }) => hash);
  if (new Set(hashes).size < hashes.length) throw fail('InvalidRevealCommitHashNotMatch');
  for (const { revealed } of reveals) cast(context, hotkey, { netuid }, revealed);
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

/** Block of a hotkey's oldest commit that has not expired; null where none waits. @param index of the mechanism */
export function oldestHashCommit(
  clocked: Clocked,
  netuid: number,
  index: number,
  hotkey: string,
): number | null {
  const commits = clocked.store.get(described.WeightCommits, index, hotkey) ?? [];
  const found = commits.find((commit) => epochsLeft(clocked, netuid, commit) >= 0n);
  return found ? Number(blockOf(clocked, found)) : null;
}
