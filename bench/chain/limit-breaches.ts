import type { Executor } from '../../src-worker/devnet/chain/executor.ts';
import { PRICE_SCALE, priceOf } from '../../src-worker/devnet/economy/pool.ts';
import { reservesOf } from '../../src-worker/devnet/runtime/subtensor/reserves.ts';
import { stakeOf } from '../../src-worker/devnet/runtime/subtensor/stake.ts';
import { type Figure, figure } from '../report/figures.ts';
import { dispatch, moduleCall, TAO } from './model-chain.ts';
import { eachTrade, HERE, hotkey, THERE, type Trade, trader } from './orders.ts';

const TRADES = 10_000;
const MIN_DONE = TRADES / 3;

type Outcome = 'refused' | 'within' | 'beyond';

/** Limit orders of all three kinds that went through beyond their limit, by however little. */
export async function limitBreaches(): Promise<Figure> {
  const counts: Record<Outcome, number> = { refused: 0, within: 0, beyond: 0 };
  eachTrade(TRADES, 88, (trade) => {
    counts[trade.random.pick([buys, sells, swaps])(trade)]++;
  });
  if (counts.within + counts.beyond < MIN_DONE)
    throw new Error(`only ${counts.within} of ${TRADES} orders were carried out`);
  const seen = `${counts.within} within, ${counts.refused} refused, of ${TRADES} random orders`;
  return figure('limit-breaches', counts.beyond, 'orders', { floor: 0, seen });
}

/** A price near another, on either side of it. */
const near = ({ random }: Trade, price: bigint): bigint => (price * BigInt(700 + random.below(900))) / 1_000n;

const poolOf = ({ context: { store } }: Executor) => reservesOf(store, HERE);

function buys(trade: Trade): Outcome {
  const { executor, random } = trade;
  const limit_price = near(trade, priceOf(poolOf(executor)));
  const amount_staked = random.amount(TAO / 100n, 1_000_000n * TAO);
  const order = { hotkey, netuid: HERE, amount_staked, limit_price, allow_partial: random.real() < 0.7 };
  if (!dispatch(executor, trader, moduleCall('add_stake_limit', order))) return 'refused';
  const { taoRao, alphaRao } = poolOf(executor);
  return taoRao * PRICE_SCALE <= limit_price * alphaRao ? 'within' : 'beyond';
}

function sells(trade: Trade): Outcome {
  const { executor, random, held } = trade;
  const limit_price = near(trade, priceOf(poolOf(executor)));
  const amount_unstaked = random.amount(held / 1_000n, held);
  const order = { hotkey, netuid: HERE, amount_unstaked, limit_price, allow_partial: random.real() < 0.7 };
  if (!dispatch(executor, trader, moduleCall('remove_stake_limit', order))) return 'refused';
  const { taoRao, alphaRao } = poolOf(executor);
  return taoRao * PRICE_SCALE >= limit_price * alphaRao ? 'within' : 'beyond';
}

/** Alpha that comes in for alpha that goes out, fee and all. */
function swaps(trade: Trade): Outcome {
  const { executor, random, held } = trade;
  const { store } = executor.context;
  const price = (netuid: number) => priceOf(reservesOf(store, netuid));
  const limit_price = near(trade, (price(HERE) * PRICE_SCALE) / (price(THERE) || 1n));
  const order = {
    hotkey,
    origin_netuid: HERE,
    destination_netuid: THERE,
    alpha_amount: random.amount(held / 1_000n, held),
    limit_price,
    allow_partial: random.real() < 0.7,
  };
  const stake = (netuid: number) => stakeOf(store, hotkey, trader, netuid);
  const [here, there] = [stake(HERE), stake(THERE)];
  if (!dispatch(executor, trader, moduleCall('swap_stake_limit', order))) return 'refused';
  return (stake(THERE) - there) * PRICE_SCALE >= limit_price * (here - stake(HERE)) ? 'within' : 'beyond';
}
