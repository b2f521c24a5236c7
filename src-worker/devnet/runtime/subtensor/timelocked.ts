import { blake2b } from '@noble/hashes/blake2.js';
import { decryptTimelocked } from '../../../../src-node/timelock.ts';
import { decodeWeightsPayload, MAX_COMMIT_BYTES } from '../../../../src-shared/chain/timelock.ts';
import { MAX_REVEALS_PER_BLOCK } from '../../limits.ts';
import { toHex } from '../../scale/hex.ts';
import { drandStorage } from '../drand.ts';
import { Failure } from '../failure.ts';
import type { Context } from '../pallet.ts';
import { type Clocked, epochIndexAt } from './epoch-clock.ts';
import { fail425 } from './errors-425.ts';
import { fail } from './failures.ts';
import { checkMechanism, mechanismIndex, mechanismIndexes } from './mechanisms.ts';
import { subnets, type TimelockedCommit } from './storage.ts';
import { castWeights, isTooSoon } from './weights.ts';

/** Commits of one hotkey that may wait in one epoch. */
const MAX_UNREVEALED = 10;

interface CommitArgs {
  readonly netuid: number;
  /** The first mechanism, where the call names none. */
  readonly mecid?: number;
  readonly commit: Uint8Array;
  readonly reveal_round: bigint;
  readonly commit_reveal_version: number;
}

/** Weights that nobody can read before their round: the chain opens them itself, an epoch or more later. */
export function commitTimelocked(context: Context, hotkey: string, args: CommitArgs): void {
  const { store, block, emit, release } = context;
  const { netuid, mecid = 0, commit, reveal_round: round } = args;
  checkMechanism(store, netuid, mecid);
  if (args.commit_reveal_version !== store.get(subnets.CommitRevealWeightsVersion))
    throw fail('IncorrectCommitRevealVersion');
  if (!store.get(subnets.CommitRevealWeightsEnabled, netuid)) throw fail('CommitRevealDisabled');
  const uid = store.get(subnets.Uids, netuid, hotkey);
  if (uid === null) throw fail('HotKeyNotRegisteredInSubNet');
  if (isTooSoon(store, args, uid, block)) throw fail('CommittingWeightsTooFast');
  // On the real chain the argument's own type ends here, and a longer one does not decode.
  if (commit.length > MAX_COMMIT_BYTES) throw fail('InvalidValue');
  if (release.refusesPastRounds && round < store.get(drandStorage.LastStoredRound))
    throw fail425('InvalidRevealRound');
  const epoch = epochIndexAt(context, netuid);
  const index = mechanismIndex(netuid, mecid);
  const waiting = store.get(subnets.TimelockedWeightCommits, index, epoch);
  if (waiting.filter(([who]) => who === hotkey).length >= MAX_UNREVEALED)
    throw fail('TooManyUnrevealedCommits');

  const added: TimelockedCommit = [hotkey, BigInt(block), commit, round];
  store.put(subnets.TimelockedWeightCommits, [...waiting, added], index, epoch);
  store.change(subnets.LastUpdate, (at) => at.with(uid, BigInt(block)), index);
  const hash = toHex(blake2b(commit, { dkLen: 32 }));
  emit('SubtensorModule', 'TimelockedWeightsCommitted', [hotkey, index, hash, round]);
}

/** Epochs whose commits may still be opened, the oldest first: the one due now, and those after it. */
function openEpochs(clocked: Clocked, netuid: number): bigint[] {
  const epoch = epochIndexAt(clocked, netuid);
  const due = epoch - clocked.store.get(subnets.RevealPeriodEpochs, netuid);
  const first = due > 0n ? due : 0n;
  return Array.from({ length: Number(epoch - first) + 1 }, (_, i) => first + BigInt(i));
}

/** Rounds that commits wait for on these subnets. */
export function awaitedRounds(context: Context): bigint[] {
  const { store, netuids } = context;
  return netuids()
    .filter((netuid) => store.get(subnets.CommitRevealWeightsEnabled, netuid))
    .flatMap((netuid) =>
      mechanismIndexes(store, netuid).flatMap((index) =>
        openEpochs(context, netuid).flatMap((epoch) =>
          store.get(subnets.TimelockedWeightCommits, index, epoch).map(([, , , round]) => round),
        ),
      ),
    );
}

/** The block of each hotkey's oldest commit that is not opened yet. @param index of the mechanism */
export function oldestCommits(clocked: Clocked, netuid: number, index: number): Map<string, number> {
  const oldest = new Map<string, number>();
  for (const epoch of openEpochs(clocked, netuid))
    for (const [who, at] of clocked.store.get(subnets.TimelockedWeightCommits, index, epoch))
      if (!oldest.has(who)) oldest.set(who, Number(at));
  return oldest;
}

/**
 * Opens what was committed so many epochs ago as the subnet's reveal period says. A commit whose pulse is not there
 * yet waits for the next block, to the end of this epoch; one that cannot be opened, or whose weights the rules
 * refuse, is dropped in silence, as on the real chain.
 */
export function revealCommits(context: Context, netuid: number): void {
  for (const mecid of mechanismIndexes(context.store, netuid).keys()) revealOf(context, netuid, mecid);
}

function revealOf(context: Context, netuid: number, mecid: number): void {
  const { store } = context;
  const index = mechanismIndex(netuid, mecid);
  const epoch = epochIndexAt(context, netuid);
  const due = epoch - store.get(subnets.RevealPeriodEpochs, netuid);
  if (due < 0n) return;
  if (due > 0n) store.remove(subnets.TimelockedWeightCommits, index, due - 1n);
  const commits = store.get(subnets.TimelockedWeightCommits, index, due);
  if (commits.length === 0) return;
  let opened = 0;
  const left = commits.filter((commit) => {
    const pulse = store.get(drandStorage.Pulses, commit[3]);
    if (!pulse || opened >= MAX_REVEALS_PER_BLOCK) return true;
    opened++;
    reveal(context, { netuid, mecid }, commit, pulse.signature);
    return false;
  });
  if (left.length > 0) store.put(subnets.TimelockedWeightCommits, left, index, due);
  else store.remove(subnets.TimelockedWeightCommits, index, due);
}

function reveal(
  context: Context,
  { netuid, mecid }: { readonly netuid: number; readonly mecid: number },
  [who, , cipher]: TimelockedCommit,
  signature: Uint8Array,
): void {
  const plain = decryptTimelocked(cipher, signature);
  const payload = plain && decodeWeightsPayload(plain);
  // A copied commit says another hotkey's name inside.
  if (!payload || toHex(payload.hotkey) !== who) return;
  const { uids: dests, values: weights, versionKey: version_key } = payload;
  try {
    context.nested(() => castWeights(context, who, { netuid, mecid, dests, weights, version_key }));
  } catch (thrown) {
    if (thrown instanceof Failure) return;
    throw thrown;
  }
  context.emit('SubtensorModule', 'TimelockedWeightsRevealed', [mechanismIndex(netuid, mecid), who]);
}
