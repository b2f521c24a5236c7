import { ranks } from '../subtensor/described.ts';
import { backingOf, weightOf } from '../subtensor/inheritance.ts';
import { mechanismIndex } from '../subtensor/mechanisms.ts';
import { subnets } from '../subtensor/storage.ts';
import { type ApiState, forUids, hotkeysOf } from './state.ts';

/** Where the neurons of a subnet stand, each list by uid. */
export interface Standing {
  readonly hotkeys: string[];
  readonly coldkeys: string[];
  readonly active: boolean[];
  readonly validator_permit: boolean[];
  readonly pruning_score: number[];
  readonly last_update: bigint[];
  /** Alpha rao of the last epoch. */
  readonly emission: bigint[];
  readonly dividends: number[];
  readonly incentives: number[];
  readonly consensus: number[];
  readonly trust: number[];
  readonly rank: number[];
  readonly block_at_registration: bigint[];
  /** Both with what parents lend and children have been lent. */
  readonly alpha_stake: bigint[];
  readonly tao_stake: bigint[];
  /** Alpha rao plus root TAO by the chain's TAO weight. */
  readonly total_stake: bigint[];
}

/** @param mecid whose incentives and votes are told; the rest is the subnet's */
export function standingOf(state: ApiState, netuid: number, mecid = 0): Standing {
  const { store } = state;
  const hotkeys = hotkeysOf(state, netuid);
  const count = hotkeys.length;
  const index = mechanismIndex(netuid, mecid);
  const backing = hotkeys.map((hotkey) => backingOf(store, hotkey, netuid));
  return {
    hotkeys,
    coldkeys: hotkeys.map((hotkey) => store.get(subnets.Owner, hotkey)),
    active: forUids(store.get(subnets.Active, netuid), count, false),
    validator_permit: forUids(store.get(subnets.ValidatorPermit, netuid), count, false),
    pruning_score: forUids(store.get(ranks.PruningScores, netuid), count, 0),
    last_update: forUids(store.get(subnets.LastUpdate, index), count, 0n),
    emission: forUids(store.get(subnets.Emission, netuid), count, 0n),
    dividends: forUids(store.get(subnets.Dividends, netuid), count, 0),
    incentives: forUids(store.get(subnets.Incentive, index), count, 0),
    consensus: forUids(store.get(subnets.Consensus, netuid), count, 0),
    trust: forUids(store.get(ranks.Trust, netuid), count, 0),
    rank: forUids(store.get(ranks.Rank, netuid), count, 0),
    block_at_registration: hotkeys.map((_hotkey, uid) => store.get(subnets.BlockAtRegistration, netuid, uid)),
    alpha_stake: backing.map(({ alpha }) => alpha),
    tao_stake: backing.map(({ tao }) => tao),
    total_stake: backing.map((each) => weightOf(store, each)),
  };
}
