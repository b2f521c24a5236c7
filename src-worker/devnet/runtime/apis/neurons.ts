import type { Value } from '../pallet.ts';
import { described } from '../subtensor/described.ts';
import { subnets } from '../subtensor/storage.ts';
import { type Standing, standingOf } from './standing.ts';
import { type ApiState, exists, NO_AXON, type StateCalls } from './state.ts';

const NO_PROMETHEUS = { block: 0n, version: 0, ip: 0n, port: 0, ip_type: 0 };

function lite({ store }: ApiState, netuid: number, uid: number, standing: Standing): Value {
  const hotkey = standing.hotkeys[uid] ?? '';
  const coldkey = standing.coldkeys[uid] ?? '';
  return {
    hotkey,
    coldkey,
    uid,
    netuid,
    active: standing.active[uid],
    axon_info: store.get(subnets.Axons, netuid, hotkey) ?? NO_AXON,
    prometheus_info: store.get(described.Prometheus, netuid, hotkey) ?? NO_PROMETHEUS,
    // All that stands behind the hotkey, under the coldkey that owns it.
    stake: [[coldkey, store.get(subnets.TotalHotkeyAlpha, hotkey, netuid)]],
    rank: standing.rank[uid],
    emission: standing.emission[uid],
    incentive: standing.incentives[uid],
    consensus: standing.consensus[uid],
    trust: standing.trust[uid],
    validator_trust: store.get(subnets.ValidatorTrust, netuid)[uid] ?? 0,
    dividends: standing.dividends[uid],
    last_update: standing.last_update[uid],
    validator_permit: standing.validator_permit[uid],
    pruning_score: standing.pruning_score[uid],
  };
}

const full = (state: ApiState, netuid: number, uid: number, standing: Standing): Value => ({
  ...lite(state, netuid, uid, standing),
  weights: nonZero(state.store.get(subnets.Weights, netuid, uid)),
  bonds: nonZero(state.store.get(subnets.Bonds, netuid, uid)),
});

const nonZero = (row: readonly (readonly [number, number])[]): Value[] =>
  row.filter(([, value]) => value > 0);

type Read = typeof lite;

const ofAll =
  (read: Read) =>
  (state: ApiState, { netuid }: Value): Value[] => {
    if (!exists(state, netuid)) return [];
    const standing = standingOf(state, netuid);
    return standing.hotkeys.map((_hotkey, uid) => read(state, netuid, uid, standing));
  };

const ofOne =
  (read: Read) =>
  (state: ApiState, { netuid, uid }: Value): Value => {
    const standing = exists(state, netuid) ? standingOf(state, netuid) : null;
    return standing && uid < standing.hotkeys.length ? read(state, netuid, uid, standing) : null;
  };

export const neuronCalls: StateCalls = {
  NeuronInfoRuntimeApi_get_neurons: ofAll(full),
  NeuronInfoRuntimeApi_get_neuron: ofOne(full),
  NeuronInfoRuntimeApi_get_neurons_lite: ofAll(lite),
  NeuronInfoRuntimeApi_get_neuron_lite: ofOne(lite),
};
