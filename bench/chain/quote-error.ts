import { concat } from '../../src-worker/devnet/scale/hex.ts';
import { Reader, uintBytes } from '../../src-worker/devnet/scale/wire.ts';
import { type Figure, figure } from '../report/figures.ts';
import { dispatch, modelChain, moduleCall, optionsOf, TAO } from './model-chain.ts';
import { eachTrade, gainOf, HERE, hotkey, trader } from './orders.ts';

const TRADES = 10_000;
const MIN_DONE = TRADES / 2;

/** The farthest that an order's outcome lay from what the runtime API said of it in the same state. */
export async function quoteErrorRao(): Promise<Figure> {
  const { runtime } = modelChain(optionsOf());
  let [worst, done] = [0n, 0];
  eachTrade(TRADES, 393, ({ executor, random, held }) => {
    const isBuy = random.real() < 0.5;
    const amount = isBuy ? random.amount(TAO / 100n, 1_000_000n * TAO) : random.amount(held / 1_000n, held);
    const name = `SwapRuntimeApi_sim_swap_${isBuy ? 'tao_for_alpha' : 'alpha_for_tao'}`;
    const args = concat(uintBytes(BigInt(HERE), 2), uintBytes(amount, 8));
    const answer = runtime.stateCall(name, args, executor.context.store);
    if (!answer) throw new Error(`there is no ${name}`);
    const quote = runtime.codecs.of('SimSwapResult').dec(new Reader(answer));
    const [said, call] = isBuy
      ? [quote.alpha_amount, moduleCall('add_stake', { hotkey, netuid: HERE, amount_staked: amount })]
      : [quote.tao_amount, moduleCall('remove_stake', { hotkey, netuid: HERE, amount_unstaked: amount })];
    const gain = gainOf(executor, isBuy ? HERE : null, () => dispatch(executor, trader, call));
    if (gain === null) return;
    done++;
    const error = gain > said ? gain - said : said - gain;
    if (error > worst) worst = error;
  });
  if (done < MIN_DONE) throw new Error(`only ${done} of ${TRADES} orders were carried out`);
  const seen = `${done} of ${TRADES} random orders carried out, the others refused`;
  return figure('quote-error-rao', Number(worst), 'rao', { floor: 1, goal: 0, seen });
}
