import type { Context, Value } from '../pallet.ts';
import type { Store } from '../store.ts';
import { fail } from './failures.ts';
import { stakeWeight } from './inheritance.ts';
import { checkMechanism, mechanismIndex } from './mechanisms.ts';
import { subnets } from './storage.ts';

const U16_MAX = 65_535;

/** A validator's vote said openly: only where votes are not to be committed first. */
export function setWeights(context: Context, hotkey: string, args: Value): void {
  if (context.store.get(subnets.CommitRevealWeightsEnabled, args.netuid)) throw fail('CommitRevealEnabled');
  castWeights(context, hotkey, args);
}

/** The vote of one mechanism of a subnet. */
export function setMechanismWeights(context: Context, hotkey: string, args: Value): void {
  checkMechanism(context.store, args.netuid, args.mecid);
  setWeights(context, hotkey, args);
}

/** A vote, said or revealed, max-upscaled: the largest value becomes 65535. A revealed one kept its pace as a commit. */
export function castWeights({ store, block, emit }: Context, hotkey: string, args: Value): void {
  const {
    netuid,
    mecid = 0,
    dests,
    weights,
    version_key: versionKey,
  } = args as {
    netuid: number;
    mecid?: number;
    dests: number[];
    weights: number[];
    version_key: bigint;
  };
  if (dests.length !== weights.length) throw fail('WeightVecNotEqualSize');
  if (!store.get(subnets.NetworksAdded, netuid)) throw fail('SubnetNotExists');
  const count = store.get(subnets.SubnetworkN, netuid);
  if (dests.length > count) throw fail('UidsLengthExceedUidsInSubNet');
  const uid = store.get(subnets.Uids, netuid, hotkey);
  if (uid === null) throw fail('HotKeyNotRegisteredInSubNet');
  if (stakeWeight(store, hotkey, netuid) < store.get(subnets.StakeThreshold)) {
    throw fail('NotEnoughStakeToSetWeights');
  }
  if (versionKey < store.get(subnets.WeightsVersionKey, netuid)) throw fail('IncorrectWeightVersionKey');
  const isCommitted = store.get(subnets.CommitRevealWeightsEnabled, netuid);
  if (!isCommitted && isTooSoon(store, { netuid, mecid }, uid, block)) throw fail('SettingWeightsTooFast');
  const selfOnly = dests.length === 1 && dests[0] === uid;
  const owner = store.get(subnets.SubnetOwnerHotkey, netuid) === hotkey;
  if (!selfOnly && !owner && !store.get(subnets.ValidatorPermit, netuid)[uid])
    throw fail('NeuronNoValidatorPermit');
  if (new Set(dests).size !== dests.length) throw fail('DuplicateUids');
  if (dests.some((dest) => dest >= count)) throw fail('UidVecContainInvalidOne');
  if (!selfOnly && dests.length < Math.min(store.get(subnets.MinAllowedWeights, netuid), count))
    throw fail('WeightVecLengthIsLow');
  const scaled = maxUpscaled(weights);
  if (!selfOnly && exceeds(scaled, store.get(subnets.MaxWeightsLimit, netuid)))
    throw fail('MaxWeightExceeded');

  const index = mechanismIndex(netuid, mecid);
  store.put(
    subnets.Weights,
    dests.map((dest, i) => [dest, scaled[i] ?? 0] as const),
    index,
    uid,
  );
  if (!isCommitted) store.change(subnets.LastUpdate, (at) => at.with(uid, BigInt(block)), index);
  emit('SubtensorModule', 'WeightsSet', [index, uid]);
}

/** A mechanism of a subnet; the first, where none is named. */
export interface Voted {
  readonly netuid: number;
  readonly mecid?: number;
}

/** Within the rate limit since this uid's last vote, or commit. */
export function isTooSoon(store: Store, { netuid, mecid = 0 }: Voted, uid: number, block: number): boolean {
  const last = store.get(subnets.LastUpdate, mechanismIndex(netuid, mecid))[uid] ?? 0n;
  return last !== 0n && BigInt(block) - last < store.get(subnets.WeightsSetRateLimit, netuid);
}

function maxUpscaled(weights: readonly number[]): number[] {
  const max = Math.max(0, ...weights);
  return weights.map((weight) => (max === 0 ? 0 : Math.floor((weight * U16_MAX) / max)));
}

function exceeds(weights: readonly number[], limit: number): boolean {
  if (limit === U16_MAX) return false;
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.some((weight) => weight * U16_MAX > limit * sum);
}
