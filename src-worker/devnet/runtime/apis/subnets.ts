import type { Value } from '../pallet.ts';
import { described } from '../subtensor/described.ts';
import { nextEpochAt } from '../subtensor/epoch-clock.ts';
import { networkToPrune } from '../subtensor/network-end.ts';
import { lockCostRao } from '../subtensor/networks.ts';
import { subnets } from '../subtensor/storage.ts';
import { namedSettings, settingsOf, settingsV2 } from './settings.ts';
import { standingOf } from './standing.ts';
import { type ApiState, exists, type StateCalls } from './state.ts';

/** Applies to the netuid where there is such a subnet, else null. */
const ofSubnet =
  <T>(read: (state: ApiState, netuid: number) => T) =>
  (state: ApiState, { netuid }: Value): T | null =>
    exists(state, netuid) ? read(state, netuid) : null;

const ofAll =
  <T>(read: (state: ApiState, netuid: number) => T) =>
  (state: ApiState): T[] =>
    state.netuids.filter((netuid) => exists(state, netuid)).map((netuid) => read(state, netuid));

/** The name that the owner gave the subnet, as bytes. */
export const nameOf = ({ store }: ApiState, netuid: number): number[] => [
  ...(store.get(subnets.SubnetIdentitiesV3, netuid)?.subnet_name ?? []),
];

/** Pool, emission and how far the epoch has come: what several answers share. */
export function economyOf({ store }: ApiState, netuid: number) {
  const pending =
    store.get(subnets.PendingServerEmission, netuid) + store.get(subnets.PendingValidatorEmission, netuid);
  return {
    tempo: store.get(subnets.Tempo, netuid),
    last_step: store.get(subnets.LastMechansimStepBlock, netuid),
    blocks_since_last_step: store.get(subnets.BlocksSinceLastStep, netuid),
    alpha_in: store.get(subnets.SubnetAlphaIn, netuid),
    alpha_out: store.get(subnets.SubnetAlphaOut, netuid),
    tao_in: store.get(subnets.SubnetTAO, netuid),
    alpha_out_emission: store.get(subnets.SubnetAlphaOutEmission, netuid),
    alpha_in_emission: store.get(subnets.SubnetAlphaInEmission, netuid),
    tao_in_emission: store.get(subnets.SubnetTaoInEmission, netuid),
    pending_alpha_emission: pending,
    pending_root_emission: 0n,
    subnet_volume: store.get(subnets.SubnetVolume, netuid),
    network_registered_at: store.get(subnets.NetworkRegisteredAt, netuid),
    moving_price: store.get(subnets.SubnetMovingPrice, netuid),
  };
}

/** The oldest answer about a subnet; modality, connections and emission have no meaning any more. */
function info({ store }: ApiState, netuid: number): Value {
  return {
    netuid,
    rho: store.get(described.Rho, netuid),
    kappa: store.get(subnets.Kappa, netuid),
    difficulty: store.get(described.Difficulty, netuid),
    immunity_period: store.get(subnets.ImmunityPeriod, netuid),
    max_allowed_validators: store.get(subnets.MaxAllowedValidators, netuid),
    min_allowed_weights: store.get(subnets.MinAllowedWeights, netuid),
    max_weights_limit: store.get(subnets.MaxWeightsLimit, netuid),
    scaling_law_power: store.get(described.ScalingLawPower, netuid),
    subnetwork_n: store.get(subnets.SubnetworkN, netuid),
    max_allowed_uids: store.get(subnets.MaxAllowedUids, netuid),
    blocks_since_last_step: store.get(subnets.BlocksSinceLastStep, netuid),
    tempo: store.get(subnets.Tempo, netuid),
    network_modality: 0,
    network_connect: [],
    emission_values: 0n,
    emission_value: 0n,
    burn: store.get(subnets.Burn, netuid),
    owner: store.get(subnets.SubnetOwner, netuid),
    identity: store.get(subnets.SubnetIdentitiesV3, netuid),
  };
}

function dynamic(state: ApiState, netuid: number): Value {
  const { store } = state;
  return {
    netuid,
    owner_hotkey: store.get(subnets.SubnetOwnerHotkey, netuid),
    owner_coldkey: store.get(subnets.SubnetOwner, netuid),
    subnet_name: nameOf(state, netuid),
    token_symbol: [...store.get(subnets.TokenSymbol, netuid)],
    emission: store.get(subnets.SubnetTaoInEmission, netuid),
    subnet_identity: store.get(subnets.SubnetIdentitiesV3, netuid),
    ...economyOf(state, netuid),
  };
}

/** Emission of every neuron in every subnet, uid by uid. */
const emissionHistory = (state: ApiState, hotkeys: readonly string[]): bigint[][] =>
  state.netuids.map((netuid) => {
    const emission = state.store.get(subnets.Emission, netuid);
    return hotkeys.map((hotkey) => {
      const uid = state.store.get(subnets.Uids, netuid, hotkey);
      return uid === null ? 0n : (emission[uid] ?? 0n);
    });
  });

function subnetState(state: ApiState, netuid: number): Value {
  const standing = standingOf(state, netuid);
  return { netuid, ...standing, emission_history: emissionHistory(state, standing.hotkeys) };
}

export const subnetCalls: StateCalls = {
  SubnetInfoRuntimeApi_get_subnet_info: ofSubnet(info),
  SubnetInfoRuntimeApi_get_subnets_info: ofAll(info),
  SubnetInfoRuntimeApi_get_subnet_info_v2: ofSubnet(info),
  SubnetInfoRuntimeApi_get_subnets_info_v2: ofAll(info),
  SubnetInfoRuntimeApi_get_subnet_hyperparams: ofSubnet(settingsOf),
  SubnetInfoRuntimeApi_get_subnet_hyperparams_v2: ofSubnet(settingsV2),
  SubnetInfoRuntimeApi_get_subnet_hyperparams_v3: ofSubnet(namedSettings),
  SubnetInfoRuntimeApi_get_next_epoch_start_block: ({ store }, { netuid }) => nextEpochAt(store, netuid),
  SubnetInfoRuntimeApi_get_dynamic_info: ofSubnet(dynamic),
  SubnetInfoRuntimeApi_get_all_dynamic_info: ofAll(dynamic),
  SubnetInfoRuntimeApi_get_subnet_state: ofSubnet(subnetState),
  SubnetInfoRuntimeApi_get_coldkey_auto_stake_hotkey: ({ store }, { coldkey, netuid }) =>
    store.get(subnets.AutoStakeDestination, coldkey, netuid),
  SubnetInfoRuntimeApi_get_subnet_to_prune: ({ store, block, netuids }) =>
    networkToPrune(store, block, netuids),
  SubnetRegistrationRuntimeApi_get_network_registration_cost: ({ store, block }) => lockCostRao(store, block),
};
