import { type Failure, failuresOf } from '../failure.ts';
import type { AnyItem } from '../item.ts';
import type { Value } from '../pallet.ts';
import type { Store } from '../store.ts';
import { subtensorConstants } from '../subtensor/constants.ts';
import { described } from '../subtensor/described.ts';
import { fail as failSubtensor } from '../subtensor/failures.ts';
import { fitsUids, mechanismItems } from '../subtensor/mechanisms.ts';
import { subnets } from '../subtensor/storage.ts';
import type { Limited } from './gate.ts';

export const adminErrors = {
  SubnetDoesNotExist: 0,
  MaxValidatorsLargerThanMaxUIds: 1,
  MaxAllowedUIdsLessThanCurrentUIds: 2,
  BondsMovingAverageMaxReached: 3,
  NegativeSigmoidSteepness: 4,
  ValueNotInBounds: 5,
  MinAllowedUidsGreaterThanCurrentUids: 6,
  MinAllowedUidsGreaterThanMaxAllowedUids: 7,
  MaxAllowedUidsLessThanMinAllowedUids: 8,
  MaxAllowedUidsGreaterThanDefaultMaxAllowedUids: 9,
  InvalidValue: 10,
} as const;
const fail = failuresOf('AdminUtils', adminErrors);

/** One value of a subnet that its owner sets. */
export interface Setting {
  readonly index: number;
  /** Name and type of the call's second argument. */
  readonly argument: readonly [name: string, type: string];
  readonly limited: Limited;
  readonly item: AnyItem;
  /** Told with the subnet and the value; some settings are turned in silence. */
  readonly event?: string;
  /** The same by an event of this pallet, of a switch. */
  readonly switchEvent?: string;
  /** Why a value is refused; null where it is not. */
  refusal?(store: Store, netuid: number, value: Value): Failure | null;
}

const of = (hyperparameter: string): Limited => ({ hyperparameter });
const constant = (name: string): bigint => subtensorConstants[name]?.[1];
const unless = (holds: boolean, failure: () => Failure): Failure | null => (holds ? null : failure());

/** Of a million: how slow an owner may make bonds. */
const MAX_BONDS_MOVING_AVERAGE = 975_000n;
const MAX_REVEAL_EPOCHS = 100n;
const MAX_IMMUNE_OWNER_UIDS = 10;

/** Settings by call, without `sudo_set_` before it: owner, limits of values and events as Subtensor has them. */
export const settings: Readonly<Record<string, Setting>> = {
  serving_rate_limit: {
    index: 3,
    argument: ['serving_rate_limit', 'u64'],
    limited: of('ServingRateLimit'),
    item: subnets.ServingRateLimit,
    event: 'ServingRateLimitSet',
  },
  weights_version_key: {
    index: 6,
    argument: ['weights_version_key', 'u64'],
    limited: 'weightsVersionKey',
    item: subnets.WeightsVersionKey,
    event: 'WeightsVersionKeySet',
  },
  immunity_period: {
    index: 13,
    argument: ['immunity_period', 'u16'],
    limited: of('ImmunityPeriod'),
    item: subnets.ImmunityPeriod,
    event: 'ImmunityPeriodSet',
  },
  min_allowed_weights: {
    index: 14,
    argument: ['min_allowed_weights', 'u16'],
    limited: of('MinAllowedWeights'),
    item: subnets.MinAllowedWeights,
    event: 'MinAllowedWeightSet',
  },
  max_allowed_uids: {
    index: 15,
    argument: ['max_allowed_uids', 'u16'],
    limited: of('MaxAllowedUids'),
    item: subnets.MaxAllowedUids,
    event: 'MaxAllowedUidsSet',
    refusal(store, netuid, uids: number) {
      if (uids < store.get(described.MinAllowedUids, netuid))
        return fail('MaxAllowedUidsLessThanMinAllowedUids');
      if (uids < store.get(subnets.SubnetworkN, netuid)) return fail('MaxAllowedUIdsLessThanCurrentUIds');
      const most = subtensorConstants.InitialMaxAllowedUids?.[1];
      if (uids > most) return fail('MaxAllowedUidsGreaterThanDefaultMaxAllowedUids');
      const mechanisms = store.get(mechanismItems.MechanismCountCurrent, netuid);
      return unless(fitsUids(uids, mechanisms), () => failSubtensor('TooManyUIDsPerMechanism'));
    },
  },
  /** What becomes of what the owner's own miners would be paid. */
  recycle_or_burn: {
    index: 80,
    argument: ['recycle_or_burn', 'RecycleOrBurnEnum as pallet_subtensor::RecycleOrBurnEnum'],
    limited: of('RecycleOrBurn'),
    item: described.RecycleOrBurn,
  },
  rho: { index: 17, argument: ['rho', 'u16'], limited: of('Rho'), item: described.Rho },
  activity_cutoff: {
    index: 18,
    argument: ['activity_cutoff', 'u16'],
    limited: of('ActivityCutoff'),
    item: subnets.ActivityCutoff,
    event: 'ActivityCutoffSet',
    refusal: (store, _netuid, blocks: number) =>
      unless(blocks >= store.get(described.MinActivityCutoff), () => failSubtensor('ActivityCutoffTooLow')),
  },
  min_burn: {
    index: 22,
    argument: ['min_burn', 'u64 as TaoBalance'],
    limited: of('MinBurn'),
    item: subnets.MinBurn,
    event: 'MinBurnSet',
    refusal: (store, netuid, rao: bigint) =>
      unless(rao < constant('MinBurnUpperBound') && rao < store.get(subnets.MaxBurn, netuid), () =>
        fail('ValueNotInBounds'),
      ),
  },
  max_burn: {
    index: 23,
    argument: ['max_burn', 'u64 as TaoBalance'],
    limited: of('MaxBurn'),
    item: subnets.MaxBurn,
    event: 'MaxBurnSet',
    refusal: (store, netuid, rao: bigint) =>
      unless(rao > constant('MaxBurnLowerBound') && rao > store.get(subnets.MinBurn, netuid), () =>
        fail('ValueNotInBounds'),
      ),
  },
  bonds_moving_average: {
    index: 26,
    argument: ['bonds_moving_average', 'u64'],
    limited: of('BondsMovingAverage'),
    item: subnets.BondsMovingAverage,
    event: 'BondsMovingAverageSet',
    refusal: (_store, _netuid, millionths: bigint) =>
      unless(millionths <= MAX_BONDS_MOVING_AVERAGE, () => fail('BondsMovingAverageMaxReached')),
  },
  bonds_penalty: {
    index: 60,
    argument: ['bonds_penalty', 'u16'],
    limited: of('BondsPenalty'),
    item: subnets.BondsPenalty,
    event: 'BondsPenaltySet',
  },
  commit_reveal_weights_enabled: {
    index: 49,
    argument: ['enabled', 'bool'],
    limited: of('CommitRevealEnabled'),
    item: subnets.CommitRevealWeightsEnabled,
    event: 'CommitRevealEnabled',
  },
  liquid_alpha_enabled: {
    index: 50,
    argument: ['enabled', 'bool'],
    limited: of('LiquidAlphaEnabled'),
    item: described.LiquidAlphaOn,
  },
  commit_reveal_weights_interval: {
    index: 57,
    argument: ['interval', 'u64'],
    limited: of('WeightCommitInterval'),
    item: subnets.RevealPeriodEpochs,
    event: 'CommitRevealPeriodsSet',
    refusal(_store, _netuid, epochs: bigint) {
      if (epochs > MAX_REVEAL_EPOCHS) return failSubtensor('RevealPeriodTooLarge');
      return unless(epochs > 0n, () => failSubtensor('RevealPeriodTooSmall'));
    },
  },
  toggle_transfer: {
    index: 61,
    argument: ['toggle', 'bool'],
    limited: of('TransferEnabled'),
    item: subnets.TransferToggle,
    event: 'TransferToggle',
  },
  alpha_sigmoid_steepness: {
    index: 68,
    argument: ['steepness', 'i16'],
    limited: of('AlphaSigmoidSteepness'),
    item: described.AlphaSigmoidSteepness,
    refusal: (_store, _netuid, steepness: number) =>
      unless(steepness >= 0, () => fail('NegativeSigmoidSteepness')),
  },
  yuma3_enabled: {
    index: 69,
    argument: ['enabled', 'bool'],
    limited: of('Yuma3Enabled'),
    item: subnets.Yuma3On,
    switchEvent: 'Yuma3EnableToggled',
  },
  owner_immune_neuron_limit: {
    index: 72,
    argument: ['immune_neurons', 'u16'],
    limited: of('ImmuneNeuronLimit'),
    item: described.ImmuneOwnerUidsLimit,
    refusal: (_store, _netuid, uids: number) =>
      unless(uids >= 1 && uids <= MAX_IMMUNE_OWNER_UIDS, () => failSubtensor('InvalidValue')),
  },
};
