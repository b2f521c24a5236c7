import { buy, PRICE_SCALE, priceOf, type Reserves, sell } from '../economy/pool.ts';
import type { ApiMethod, Value } from './pallet.ts';
import type { Store } from './store.ts';
import { reservesOf } from './subtensor/reserves.ts';
import { stakeOf } from './subtensor/stake.ts';
import { subnets } from './subtensor/storage.ts';
import { systemStorage } from './system.ts';

/** Signatures of all runtime APIs; the metadata lists these and nothing else. */
export const apiMethods: Readonly<Record<string, Readonly<Record<string, ApiMethod>>>> = {
  Core: { version: { inputs: {}, output: 'RuntimeVersion' } },
  Metadata: {
    metadata: { inputs: {}, output: 'OpaqueMetadata' },
    metadata_at_version: { inputs: { version: 'u32' }, output: 'Option<OpaqueMetadata>' },
    metadata_versions: { inputs: {}, output: 'Vec<u32>' },
  },
  AccountNonceApi: { account_nonce: { inputs: { account: 'AccountId32' }, output: 'u32' } },
  TransactionPaymentApi: {
    query_info: { inputs: { uxt: 'UncheckedExtrinsic', len: 'u32' }, output: 'RuntimeDispatchInfo' },
    query_fee_details: { inputs: { uxt: 'UncheckedExtrinsic', len: 'u32' }, output: 'FeeDetails' },
  },
  SwapRuntimeApi: {
    current_alpha_price: { inputs: { netuid: 'u16' }, output: 'u64' },
    sim_swap_tao_for_alpha: { inputs: { netuid: 'u16', tao: 'u64' }, output: 'SimSwapResult' },
    sim_swap_alpha_for_tao: { inputs: { netuid: 'u16', alpha: 'u64' }, output: 'SimSwapResult' },
  },
  StakeInfoRuntimeApi: {
    get_stake_info_for_coldkey: { inputs: { coldkey_account: 'AccountId32' }, output: 'Vec<StakeInfo>' },
    get_stake_info_for_hotkey_coldkey_netuid: {
      inputs: { hotkey_account: 'AccountId32', coldkey_account: 'AccountId32', netuid: 'u16' },
      output: 'Option<StakeInfo>',
    },
  },
};

type StateCall = (store: Store, args: Value, netuids: readonly number[]) => Value;

/** The APIs that need nothing but state; the others are answered where blocks and metadata are known. */
export const stateCalls: Readonly<Record<string, StateCall>> = {
  AccountNonceApi_account_nonce: (store, { account }) => store.get(systemStorage.Account, account).nonce,
  SwapRuntimeApi_current_alpha_price: (store, { netuid }) =>
    netuid === 0 ? PRICE_SCALE : priceOf(reservesOf(store, netuid)),
  SwapRuntimeApi_sim_swap_tao_for_alpha: (store, { netuid, tao }) => quoteBuy(reservesOf(store, netuid), tao),
  SwapRuntimeApi_sim_swap_alpha_for_tao: (store, { netuid, alpha }) =>
    quoteSell(reservesOf(store, netuid), alpha),
  StakeInfoRuntimeApi_get_stake_info_for_coldkey: (store, args, netuids) =>
    stakesOf(store, args.coldkey_account, netuids),
  StakeInfoRuntimeApi_get_stake_info_for_hotkey_coldkey_netuid: (store, args) =>
    store.get(subnets.NetworksAdded, args.netuid)
      ? stakeInfo(store, args.hotkey_account, args.coldkey_account, args.netuid)
      : null,
};

/** `tao_amount + tao_fee` is the input; slippage is what the same input would buy more at the current price. */
function quoteBuy(pool: Reserves, tao: bigint): Value {
  const { paid, fee, received } = buy(pool, tao);
  const price = priceOf(pool);
  const flat = price === 0n ? 0n : (paid * PRICE_SCALE) / price;
  return {
    tao_amount: paid,
    alpha_amount: received,
    tao_fee: fee,
    alpha_fee: 0n,
    tao_slippage: 0n,
    alpha_slippage: flat > received ? flat - received : 0n,
  };
}

function quoteSell(pool: Reserves, alpha: bigint): Value {
  const { paid, fee, received } = sell(pool, alpha);
  const flat = (paid * priceOf(pool)) / PRICE_SCALE;
  return {
    tao_amount: received,
    alpha_amount: paid,
    tao_fee: 0n,
    alpha_fee: fee,
    tao_slippage: flat > received ? flat - received : 0n,
    alpha_slippage: 0n,
  };
}

function stakesOf(store: Store, coldkey: string, netuids: readonly number[]): Value[] {
  const hotkeys = store.get(subnets.StakingHotkeys, coldkey);
  return hotkeys
    .flatMap((hotkey) => netuids.map((netuid) => stakeInfo(store, hotkey, coldkey, netuid)))
    .filter((info) => info.stake > 0n);
}

function stakeInfo(store: Store, hotkey: string, coldkey: string, netuid: number): Value {
  const uid = store.get(subnets.Uids, netuid, hotkey);
  return {
    hotkey,
    coldkey,
    netuid,
    stake: stakeOf(store, hotkey, coldkey, netuid),
    locked: 0n,
    emission: uid === null ? 0n : (store.get(subnets.Emission, netuid)[uid] ?? 0n),
    tao_emission: 0n,
    drain: 0n,
    is_registered: uid !== null,
  };
}
