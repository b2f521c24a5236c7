import { marketCalls } from './apis/market.ts';
import { metagraphCalls } from './apis/metagraph.ts';
import { neuronCalls } from './apis/neurons.ts';
import { apiShapes } from './apis/shapes.ts';
import { stakeCalls } from './apis/stakes.ts';
import type { StateCalls } from './apis/state.ts';
import { subnetCalls } from './apis/subnets.ts';
import type { ApiMethod } from './pallet.ts';
import type { Release } from './release.ts';
import { systemStorage } from './system.ts';

export { apiShapes };

/** Signatures of all runtime APIs, as 393 has them. */
const apis393: Readonly<Record<string, Readonly<Record<string, ApiMethod>>>> = {
  Core: { version: { inputs: {}, output: 'RuntimeVersion' } },
  Metadata: {
    metadata: { inputs: {}, output: 'OpaqueMetadata' },
    metadata_at_version: { inputs: { version: 'u32' }, output: 'Option<OpaqueMetadata>' },
    metadata_versions: { inputs: {}, output: 'Vec<u32>' },
  },
  AccountNonceApi: { account_nonce: { inputs: { account: 'AccountId32' }, output: 'u32' } },
  SubnetInfoRuntimeApi: {
    get_subnet_info: { inputs: { netuid: 'u16' }, output: 'Option<SubnetInfo>' },
    get_subnets_info: { inputs: {}, output: 'Vec<Option<SubnetInfo>>' },
    get_subnet_info_v2: { inputs: { netuid: 'u16' }, output: 'Option<SubnetInfov2>' },
    get_subnets_info_v2: { inputs: {}, output: 'Vec<Option<SubnetInfov2>>' },
    get_subnet_hyperparams: { inputs: { netuid: 'u16' }, output: 'Option<SubnetHyperparams>' },
    get_subnet_hyperparams_v2: { inputs: { netuid: 'u16' }, output: 'Option<SubnetHyperparamsV2>' },
    get_all_dynamic_info: { inputs: {}, output: 'Vec<Option<DynamicInfo>>' },
    get_all_metagraphs: { inputs: {}, output: 'Vec<Option<Metagraph>>' },
    get_metagraph: { inputs: { netuid: 'u16' }, output: 'Option<Metagraph>' },
    get_all_mechagraphs: { inputs: {}, output: 'Vec<Option<Metagraph>>' },
    get_mechagraph: { inputs: { netuid: 'u16', mecid: 'u8' }, output: 'Option<Metagraph>' },
    get_dynamic_info: { inputs: { netuid: 'u16' }, output: 'Option<DynamicInfo>' },
    get_subnet_state: { inputs: { netuid: 'u16' }, output: 'Option<SubnetState>' },
    get_selective_metagraph: {
      inputs: { netuid: 'u16', metagraph_indexes: 'Vec<u16>' },
      output: 'Option<SelectiveMetagraph>',
    },
    get_coldkey_auto_stake_hotkey: {
      inputs: { coldkey: 'AccountId32', netuid: 'u16' },
      output: 'Option<AccountId32>',
    },
    get_selective_mechagraph: {
      inputs: { netuid: 'u16', subid: 'u8', metagraph_indexes: 'Vec<u16>' },
      output: 'Option<SelectiveMetagraph>',
    },
    get_subnet_to_prune: { inputs: {}, output: 'Option<u16>' },
  },
  NeuronInfoRuntimeApi: {
    get_neurons: { inputs: { netuid: 'u16' }, output: 'Vec<NeuronInfo>' },
    get_neuron: { inputs: { netuid: 'u16', uid: 'u16' }, output: 'Option<NeuronInfo>' },
    get_neurons_lite: { inputs: { netuid: 'u16' }, output: 'Vec<NeuronInfoLite>' },
    get_neuron_lite: { inputs: { netuid: 'u16', uid: 'u16' }, output: 'Option<NeuronInfoLite>' },
  },
  DelegateInfoRuntimeApi: {
    get_delegates: { inputs: {}, output: 'Vec<DelegateInfo>' },
    get_delegate: { inputs: { delegate_account: 'AccountId32' }, output: 'Option<DelegateInfo>' },
    get_delegated: {
      inputs: { delegatee_account: 'AccountId32' },
      output: 'Vec<(DelegateInfo, (Compact<u16>, Compact<u64>))>',
    },
  },
  StakeInfoRuntimeApi: {
    get_stake_info_for_coldkey: { inputs: { coldkey_account: 'AccountId32' }, output: 'Vec<StakeInfo>' },
    get_stake_info_for_coldkeys: {
      inputs: { coldkey_accounts: 'Vec<AccountId32>' },
      output: 'Vec<(AccountId32, Vec<StakeInfo>)>',
    },
    get_stake_info_for_hotkey_coldkey_netuid: {
      inputs: { hotkey_account: 'AccountId32', coldkey_account: 'AccountId32', netuid: 'u16' },
      output: 'Option<StakeInfo>',
    },
    // Newer than 393: `btcli` asks it before it lists stake or takes any out.
    get_coldkey_lock: { inputs: { coldkey: 'AccountId32', netuid: 'u16' }, output: 'Option<LockState>' },
    get_stake_fee: {
      inputs: {
        origin: 'Option<(AccountId32, u16)>',
        origin_coldkey_account: 'AccountId32',
        destination: 'Option<(AccountId32, u16)>',
        destination_coldkey_account: 'AccountId32',
        amount: 'u64',
      },
      output: 'u64',
    },
  },
  SubnetRegistrationRuntimeApi: {
    get_network_registration_cost: { inputs: {}, output: 'u64' },
  },
  SwapRuntimeApi: {
    current_alpha_price: { inputs: { netuid: 'u16' }, output: 'u64' },
    current_alpha_price_all: { inputs: {}, output: 'Vec<SubnetPrice>' },
    sim_swap_tao_for_alpha: { inputs: { netuid: 'u16', tao: 'u64' }, output: 'SimSwapResult' },
    sim_swap_alpha_for_tao: { inputs: { netuid: 'u16', alpha: 'u64' }, output: 'SimSwapResult' },
  },
  TaggedTransactionQueue: {
    validate_transaction: {
      inputs: { source: 'TransactionSource', tx: 'UncheckedExtrinsic', block_hash: 'H256' },
      output: 'Result<ValidTransaction, TransactionValidityError>',
    },
  },
  TransactionPaymentApi: {
    query_info: { inputs: { uxt: 'UncheckedExtrinsic', len: 'u32' }, output: 'RuntimeDispatchInfo' },
    query_fee_details: { inputs: { uxt: 'UncheckedExtrinsic', len: 'u32' }, output: 'FeeDetails' },
    query_weight_to_fee: { inputs: { weight: 'Weight' }, output: 'u64' },
    query_length_to_fee: { inputs: { length: 'u32' }, output: 'u64' },
  },
  TransactionPaymentCallApi: {
    query_call_info: { inputs: { call: 'RuntimeCall', len: 'u32' }, output: 'RuntimeDispatchInfo' },
    query_call_fee_details: { inputs: { call: 'RuntimeCall', len: 'u32' }, output: 'FeeDetails' },
    query_weight_to_fee: { inputs: { weight: 'Weight' }, output: 'u64' },
    query_length_to_fee: { inputs: { length: 'u32' }, output: 'u64' },
  },
  AuraApi: {
    slot_duration: { inputs: {}, output: 'SlotDuration' },
  },
};

/** The runtime APIs of a release; its metadata lists these and nothing else. */
export function apiMethods(release: Release): typeof apis393 {
  return {
    ...apis393,
    SubnetInfoRuntimeApi: {
      ...apis393.SubnetInfoRuntimeApi,
      ...(release.namedHyperparameters ? namedHyperparameters : {}),
      ...(release.dynamicTempo ? nextEpoch : {}),
    },
    StakeInfoRuntimeApi: {
      ...apis393.StakeInfoRuntimeApi,
      ...(release.locks ? stakeAvailability : {}),
    },
  };
}

const namedHyperparameters = {
  get_subnet_hyperparams_v3: { inputs: { netuid: 'u16' }, output: 'Option<Vec<HyperparamEntry>>' },
};
const stakeAvailability = {
  get_stake_availability_for_coldkeys: {
    inputs: { coldkey_accounts: 'Vec<AccountId32>', netuids: 'Option<Vec<u16>>' },
    output: 'BTreeMap<AccountId32, BTreeMap<u16, StakeAvailability>>',
  },
};
const nextEpoch = { get_next_epoch_start_block: { inputs: { netuid: 'u16' }, output: 'Option<u64>' } };

/** The APIs that need nothing but state; the others are answered where blocks and metadata are known. */
export const stateCalls: StateCalls = {
  ...subnetCalls,
  ...metagraphCalls,
  ...neuronCalls,
  ...stakeCalls,
  ...marketCalls,
  AccountNonceApi_account_nonce: ({ store }, { account }) => store.get(systemStorage.Account, account).nonce,
};
