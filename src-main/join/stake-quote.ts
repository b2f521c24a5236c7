import { withLimit } from '../../src-node/waits.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { RAO_PER_TAO, type Rao, rao, taoText } from '../../src-shared/units.ts';
import type { Chain } from '../network/chain.ts';
import { JOIN_READ_LIMIT_MS } from './limits.ts';

/** What others may trade between the quote and the stake, in per cent of the price, before it fails without exchange. */
const STAKE_TOLERANCE_PERCENT = 5n;
/** An order moves the price by itself: one that pays more than this above it, in per cent, is not sent. */
const STAKE_IMPACT_PERCENT = 10n;

/**
 * The limit price of a stake, from what the runtime says that it would buy now: where the order itself would bring
 * the price, and what others may add to that.
 * @throws {AppError} STAKE_MOVES_PRICE, CHAIN_CALL_UNAVAILABLE
 */
export async function limitOfStake(
  chain: Pick<Chain, 'alphaPrice' | 'stakeQuote'>,
  amountRao: Rao,
  signal: AbortSignal,
): Promise<Rao> {
  const limit = withLimit(signal, JOIN_READ_LIMIT_MS);
  const [price, quote] = await Promise.all([
    chain.alphaPrice(null, limit),
    chain.stakeQuote(amountRao, null, limit),
  ]);
  // No quote is no price: an unlimited order is never the answer to that.
  if (!price || !quote) throw new AppError('CHAIN_CALL_UNAVAILABLE', { call: 'a price for this stake' });
  const paidRao = (amountRao * RAO_PER_TAO) / quote.alpha;
  if (paidRao * 100n > price * (100n + STAKE_IMPACT_PERCENT))
    throw new AppError('STAKE_MOVES_PRICE', {
      amount: taoText(amountRao),
      price: taoText(price),
      paid: taoText(rao(paidRao)),
    });
  return rao((quote.priceAfterRao * (100n + STAKE_TOLERANCE_PERCENT)) / 100n);
}
