import { buy, PRICE_SCALE, priceOf, type Reserves, sell } from '../../economy/pool.ts';
import type { Value } from '../pallet.ts';
import { reservesOf } from '../subtensor/reserves.ts';
import { ROOT_NETUID } from '../subtensor/storage.ts';
import { type ApiState, exists, type StateCalls } from './state.ts';

/** Rao of TAO for 1 alpha; on the root network they are the same. */
const priceAt = ({ store }: ApiState, netuid: number): bigint =>
  netuid === ROOT_NETUID ? PRICE_SCALE : priceOf(reservesOf(store, netuid));

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

export const marketCalls: StateCalls = {
  SwapRuntimeApi_current_alpha_price: (state, { netuid }) => priceAt(state, netuid),
  SwapRuntimeApi_current_alpha_price_all: (state) =>
    state.netuids
      .filter((netuid) => exists(state, netuid))
      .map((netuid) => ({ netuid, price: priceAt(state, netuid) })),
  SwapRuntimeApi_sim_swap_tao_for_alpha: ({ store }, { netuid, tao }) =>
    quoteBuy(reservesOf(store, netuid), tao),
  SwapRuntimeApi_sim_swap_alpha_for_tao: ({ store }, { netuid, alpha }) =>
    quoteSell(reservesOf(store, netuid), alpha),
};
