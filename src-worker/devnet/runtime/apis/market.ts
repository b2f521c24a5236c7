import { PRICE_SCALE } from '../../economy/pool.ts';
import type { Value } from '../pallet.ts';
import type { Store } from '../store.ts';
import { quoteBuy, quoteSell, spotPrice } from '../subtensor/reserves.ts';
import { type ApiState, exists, type StateCalls } from './state.ts';

/** Rao of TAO for 1 alpha; on the root network they are the same. */
const priceAt = ({ store }: ApiState, netuid: number): bigint => spotPrice(store, netuid);

/** What orders of any size would miss may be more than 64 bits hold: then it is all that they hold. */
const U64_MAX = 2n ** 64n - 1n;
const missed = (flat: bigint, received: bigint): bigint => {
  const missing = flat > received ? flat - received : 0n;
  return missing > U64_MAX ? U64_MAX : missing;
};

/** `tao_amount + tao_fee` is the input; slippage is what the same input would buy more at the current price. */
function simulateBuy(store: Store, netuid: number, tao: bigint): Value {
  const { paid, fee, received } = quoteBuy(store, netuid, tao);
  const price = spotPrice(store, netuid);
  return {
    tao_amount: paid,
    alpha_amount: received,
    tao_fee: fee,
    alpha_fee: 0n,
    tao_slippage: 0n,
    alpha_slippage: missed(price === 0n ? 0n : (paid * PRICE_SCALE) / price, received),
  };
}

function simulateSell(store: Store, netuid: number, alpha: bigint): Value {
  const { paid, fee, received } = quoteSell(store, netuid, alpha);
  return {
    tao_amount: received,
    alpha_amount: paid,
    tao_fee: 0n,
    alpha_fee: fee,
    tao_slippage: missed((paid * spotPrice(store, netuid)) / PRICE_SCALE, received),
    alpha_slippage: 0n,
  };
}

export const marketCalls: StateCalls = {
  SwapRuntimeApi_current_alpha_price: (state, { netuid }) => priceAt(state, netuid),
  SwapRuntimeApi_current_alpha_price_all: (state) =>
    state.netuids
      .filter((netuid) => exists(state, netuid))
      .map((netuid) => ({ netuid, price: priceAt(state, netuid) })),
  SwapRuntimeApi_sim_swap_tao_for_alpha: ({ store }, { netuid, tao }) => simulateBuy(store, netuid, tao),
  SwapRuntimeApi_sim_swap_alpha_for_tao: ({ store }, { netuid, alpha }) => simulateSell(store, netuid, alpha),
};
