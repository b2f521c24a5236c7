import type { Context, Pallet, Value } from '../pallet.ts';
import { fail, subtensorErrors } from './failures.ts';
import { registerByBurn } from './neurons.ts';
import { serveAxon } from './serving.ts';
import { stake, unstake } from './staking.ts';
import { subnets } from './storage.ts';
import { setWeights } from './weights.ts';

/** The owner starts a subnet once; from the next block on it emits. */
function startCall({ store, block, emit }: Context, coldkey: string, netuid: number): void {
  if (!store.get(subnets.NetworksAdded, netuid)) throw fail('SubnetNotExists');
  if (store.get(subnets.SubnetOwner, netuid) !== coldkey) throw fail('NotSubnetOwner');
  if (store.has(subnets.FirstEmissionBlockNumber, netuid)) throw fail('FirstEmissionBlockNumberAlreadySet');
  store.put(subnets.FirstEmissionBlockNumber, BigInt(block + 1), netuid);
  store.put(subnets.SubtokenEnabled, true, netuid);
  emit('SubtensorModule', 'FirstEmissionBlockNumberSet', [netuid, BigInt(block + 1)]);
}

const bought = (args: Value, limit: boolean) => ({
  hotkey: args.hotkey,
  netuid: args.netuid,
  amount: args.amount_staked,
  limitPrice: limit ? args.limit_price : null,
  allowPartial: limit && args.allow_partial,
});

const sold = (args: Value, limit: boolean) => ({ ...bought(args, limit), amount: args.amount_unstaked });

export const subtensor: Pallet = {
  name: 'SubtensorModule',
  index: 7,
  crate: 'pallet_subtensor',
  storage: subnets,
  calls: {
    set_weights: {
      index: 0,
      args: { netuid: 'u16', dests: 'Vec<u16>', weights: 'Vec<u16>', version_key: 'u64' },
      refTime: 100_000_000,
      pays: false,
      run: setWeights,
    },
    add_stake: {
      index: 2,
      args: { hotkey: 'AccountId32', netuid: 'u16', amount_staked: 'u64' },
      refTime: 340_000_000,
      pays: true,
      run: (context, coldkey, args) => stake(context, coldkey, bought(args, false)),
    },
    remove_stake: {
      index: 3,
      args: { hotkey: 'AccountId32', netuid: 'u16', amount_unstaked: 'u64' },
      refTime: 340_000_000,
      pays: true,
      run: (context, coldkey, args) => unstake(context, coldkey, sold(args, false)),
    },
    serve_axon: {
      index: 4,
      args: {
        netuid: 'u16',
        version: 'u32',
        ip: 'u128',
        port: 'u16',
        ip_type: 'u8',
        protocol: 'u8',
        placeholder1: 'u8',
        placeholder2: 'u8',
      },
      refTime: 30_000_000,
      pays: false,
      run: serveAxon,
    },
    burned_register: {
      index: 7,
      args: { netuid: 'u16', hotkey: 'AccountId32' },
      refTime: 350_000_000,
      pays: true,
      run: (context, coldkey, { netuid, hotkey }) => registerByBurn(context, coldkey, netuid, hotkey),
    },
    add_stake_limit: {
      index: 88,
      args: {
        hotkey: 'AccountId32',
        netuid: 'u16',
        amount_staked: 'u64',
        limit_price: 'u64',
        allow_partial: 'bool',
      },
      refTime: 400_000_000,
      pays: true,
      run: (context, coldkey, args) => stake(context, coldkey, bought(args, true)),
    },
    remove_stake_limit: {
      index: 89,
      args: {
        hotkey: 'AccountId32',
        netuid: 'u16',
        amount_unstaked: 'u64',
        limit_price: 'u64',
        allow_partial: 'bool',
      },
      refTime: 400_000_000,
      pays: true,
      run: (context, coldkey, args) => unstake(context, coldkey, sold(args, true)),
    },
    start_call: {
      index: 92,
      args: { netuid: 'u16' },
      refTime: 80_000_000,
      pays: true,
      run: (context, coldkey, { netuid }) => startCall(context, coldkey, netuid),
    },
  },
  events: {
    StakeAdded: [2, ['AccountId32', 'AccountId32', 'u64', 'u64', 'u16', 'u64']],
    StakeRemoved: [3, ['AccountId32', 'AccountId32', 'u64', 'u64', 'u16', 'u64']],
    WeightsSet: [5, ['u16', 'u16']],
    NeuronRegistered: [6, ['u16', 'u16', 'AccountId32']],
    AxonServed: [28, ['u16', 'AccountId32']],
    FirstEmissionBlockNumberSet: [93, ['u16', 'u64']],
    IncentiveAlphaEmittedToMiners: [108, { netuid: 'u16', emissions: 'Vec<u64>' }],
  },
  errors: subtensorErrors,
  constants: { InitialTempo: ['u16', 360], InitialSubnetOwnerCut: ['u16', 11_796] },
};
