import { commitmentsStorage } from '../commitments.ts';
import type { Value } from '../pallet.ts';
import { described } from '../subtensor/described.ts';
import { hasMechanism, mechanismIndexes } from '../subtensor/mechanisms.ts';
import { subnets } from '../subtensor/storage.ts';
import { selectiveFields } from './metagraph-fields.ts';
import { settingsOf } from './settings.ts';
import { standingOf } from './standing.ts';
import { type ApiState, exists, NO_AXON, type StateCalls } from './state.ts';
import { economyOf, nameOf } from './subnets.ts';

function metagraphOf(state: ApiState, netuid: number, mecid = 0): Value {
  const { store } = state;
  const economy = economyOf(state, netuid);
  const standing = standingOf(state, netuid, mecid);
  return {
    netuid,
    name: nameOf(state, netuid),
    symbol: [...store.get(subnets.TokenSymbol, netuid)],
    identity: store.get(subnets.SubnetIdentitiesV3, netuid),
    owner_hotkey: store.get(subnets.SubnetOwnerHotkey, netuid),
    owner_coldkey: store.get(subnets.SubnetOwner, netuid),
    block: BigInt(state.block),
    subnet_emission: economy.tao_in_emission,
    ...economy,
    ...settingsOf(state, netuid),
    num_uids: standing.hotkeys.length,
    max_uids: store.get(subnets.MaxAllowedUids, netuid),
    burn: store.get(subnets.Burn, netuid),
    pow_registration_allowed: store.get(described.NetworkPowRegistrationAllowed, netuid),
    identities: standing.coldkeys.map((coldkey) => store.get(described.IdentitiesV2, coldkey)),
    axons: standing.hotkeys.map((hotkey) => store.get(subnets.Axons, netuid, hotkey) ?? NO_AXON),
    ...standing,
    tao_dividends_per_hotkey: standing.hotkeys.map((hotkey) => [hotkey, 0n]),
    alpha_dividends_per_hotkey: standing.hotkeys.map((hotkey) => [
      hotkey,
      store.get(subnets.AlphaDividendsPerSubnet, netuid, hotkey),
    ]),
  };
}

/** Only the fields asked for, by their place in the answer; places that there are not are passed over. */
function selectiveOf(state: ApiState, netuid: number, mecid: number, places: readonly number[]): Value {
  const whole = metagraphOf(state, netuid, mecid);
  const permits: boolean[] = whole.validator_permit;
  const values: Value = {
    ...whole,
    validators: permits.flatMap((permit, uid) => (permit ? [uid] : [])),
    commitments: commitmentsOf(state, netuid, whole.hotkeys),
  };
  const asked = new Set(places);
  const fields = selectiveFields.map((name, place) => [name, asked.has(place) ? given(name, values) : null]);
  return { ...Object.fromEntries(fields), netuid };
}

/** The subnet's identity is itself optional: what is there or not stands inside what was asked for. */
const given = (name: string, values: Value): Value => (name === 'identity' ? [values[name]] : values[name]);

/** What each hotkey has published, as its bytes. */
function commitmentsOf(state: ApiState, netuid: number, hotkeys: readonly string[]): Value[] {
  return hotkeys.flatMap((hotkey) => {
    const registration = state.store.get(commitmentsStorage.CommitmentOf, netuid, hotkey);
    return registration ? [[hotkey, [...state.encode('Registration', registration)]]] : [];
  });
}

const there = (state: ApiState): number[] => state.netuids.filter((netuid) => exists(state, netuid));

const isThere = (state: ApiState, netuid: number, mecid: number): boolean =>
  exists(state, netuid) && hasMechanism(state.store, netuid, mecid);

export const metagraphCalls: StateCalls = {
  SubnetInfoRuntimeApi_get_metagraph: (state, { netuid }) =>
    exists(state, netuid) ? metagraphOf(state, netuid) : null,
  SubnetInfoRuntimeApi_get_all_metagraphs: (state) =>
    there(state).map((netuid) => metagraphOf(state, netuid)),
  SubnetInfoRuntimeApi_get_all_mechagraphs: (state) =>
    there(state).flatMap((netuid) =>
      [...mechanismIndexes(state.store, netuid).keys()].map((mecid) => metagraphOf(state, netuid, mecid)),
    ),
  SubnetInfoRuntimeApi_get_mechagraph: (state, { netuid, mecid }) =>
    isThere(state, netuid, mecid) ? metagraphOf(state, netuid, mecid) : null,
  SubnetInfoRuntimeApi_get_selective_metagraph: (state, { netuid, metagraph_indexes }) =>
    exists(state, netuid) ? selectiveOf(state, netuid, 0, metagraph_indexes) : null,
  SubnetInfoRuntimeApi_get_selective_mechagraph: (state, { netuid, subid, metagraph_indexes }) =>
    isThere(state, netuid, subid) ? selectiveOf(state, netuid, subid, metagraph_indexes) : null,
};
