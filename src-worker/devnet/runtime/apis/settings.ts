import type { Value } from '../pallet.ts';
import { described } from '../subtensor/described.ts';
import { activityCutoff, clockStorage } from '../subtensor/epoch-clock.ts';
import { decayStorage } from '../subtensor/registration-price.ts';
import { subnets } from '../subtensor/storage.ts';
import type { ApiState } from './state.ts';

/** The settings that owners turn. */
export function settingsOf({ store, release }: ApiState, netuid: number) {
  const [alphaLow, alphaHigh] = store.get(described.AlphaValues, netuid);
  return {
    rho: store.get(described.Rho, netuid),
    kappa: store.get(subnets.Kappa, netuid),
    immunity_period: store.get(subnets.ImmunityPeriod, netuid),
    min_allowed_weights: store.get(subnets.MinAllowedWeights, netuid),
    max_weights_limit: store.get(subnets.MaxWeightsLimit, netuid),
    tempo: store.get(subnets.Tempo, netuid),
    min_difficulty: store.get(described.MinDifficulty, netuid),
    max_difficulty: store.get(described.MaxDifficulty, netuid),
    weights_version: store.get(subnets.WeightsVersionKey, netuid),
    weights_rate_limit: store.get(subnets.WeightsSetRateLimit, netuid),
    adjustment_interval: store.get(subnets.AdjustmentInterval, netuid),
    activity_cutoff: activityCutoff(store, release, netuid),
    registration_allowed: store.get(subnets.NetworkRegistrationAllowed, netuid),
    target_regs_per_interval: store.get(subnets.TargetRegistrationsPerInterval, netuid),
    min_burn: store.get(subnets.MinBurn, netuid),
    max_burn: store.get(subnets.MaxBurn, netuid),
    bonds_moving_avg: store.get(subnets.BondsMovingAverage, netuid),
    max_regs_per_block: store.get(subnets.MaxRegistrationsPerBlock, netuid),
    serving_rate_limit: store.get(subnets.ServingRateLimit, netuid),
    max_validators: store.get(subnets.MaxAllowedValidators, netuid),
    adjustment_alpha: store.get(described.AdjustmentAlpha, netuid),
    difficulty: store.get(described.Difficulty, netuid),
    commit_reveal_period: store.get(subnets.RevealPeriodEpochs, netuid),
    commit_reveal_weights_enabled: store.get(subnets.CommitRevealWeightsEnabled, netuid),
    alpha_high: alphaHigh,
    alpha_low: alphaLow,
    liquid_alpha_enabled: store.get(described.LiquidAlphaOn, netuid),
  };
}

export function settingsV2(state: ApiState, netuid: number): Value {
  const { store } = state;
  return {
    ...settingsOf(state, netuid),
    // A whole number in storage, with 32 bits of fraction in the answer.
    alpha_sigmoid_steepness: { bits: BigInt(store.get(described.AlphaSigmoidSteepness, netuid)) << 32n },
    yuma_version: store.get(subnets.Yuma3On, netuid) ? 3 : 2,
    subnet_is_active: store.get(subnets.SubtokenEnabled, netuid),
    transfers_enabled: store.get(subnets.TransferToggle, netuid),
    bonds_reset_enabled: store.get(described.BondsResetOn, netuid),
    user_liquidity_enabled: false,
  };
}

/** Of every setting: as which kind of number it is told, under which name, and in which order. */
const NAMED: readonly (readonly [name: string, kind: string])[] = [
  ['kappa', 'U16'],
  ['immunity_period', 'U16'],
  ['min_allowed_weights', 'U16'],
  ['max_weights_limit', 'U16'],
  ['tempo', 'U16'],
  ['weights_version', 'U64'],
  ['weights_rate_limit', 'U64'],
  ['activity_cutoff', 'U64'],
  ['activity_cutoff_factor', 'U32'],
  ['registration_allowed', 'Bool'],
  ['target_regs_per_interval', 'U16'],
  ['min_burn', 'TaoBalance'],
  ['max_burn', 'TaoBalance'],
  ['burn_half_life', 'U16'],
  ['burn_increase_mult', 'U64F64'],
  ['bonds_moving_avg', 'U64'],
  ['max_regs_per_block', 'U16'],
  ['serving_rate_limit', 'U64'],
  ['max_validators', 'U16'],
  ['commit_reveal_period', 'U64'],
  ['commit_reveal_weights_enabled', 'Bool'],
  ['alpha_high', 'U16'],
  ['alpha_low', 'U16'],
  ['liquid_alpha_enabled', 'Bool'],
  ['alpha_sigmoid_steepness', 'I32F32'],
  ['yuma_version', 'U16'],
  ['subnet_is_active', 'Bool'],
  ['transfers_enabled', 'Bool'],
  ['bonds_reset_enabled', 'Bool'],
  ['user_liquidity_enabled', 'Bool'],
  ['owner_cut_enabled', 'Bool'],
  ['owner_cut_auto_lock_enabled', 'Bool'],
];

/** The settings one by one, by name. */
export function namedSettings(state: ApiState, netuid: number): Value[] {
  const { store } = state;
  const values: Record<string, Value> = {
    ...settingsV2(state, netuid),
    activity_cutoff_factor: store.get(clockStorage.ActivityCutoffFactorMilli, netuid),
    burn_half_life: store.get(decayStorage.BurnHalfLife, netuid),
    burn_increase_mult: store.get(decayStorage.BurnIncreaseMult, netuid),
    // Owners always get their cut here, and nobody can lock stake.
    owner_cut_enabled: true,
    owner_cut_auto_lock_enabled: false,
  };
  const utf8 = new TextEncoder();
  return NAMED.map(([name, kind]) => ({
    name: utf8.encode(name),
    value: { type: kind, value: values[name] },
  }));
}
